const reasons: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder, and a file is needed",
  ENOTDIR: "lies under a file, and a folder is needed there",
  EACCES: "may not be used: permission is denied",
  EPERM: "may not be used: permission is denied",
  EROFS: "cannot be written: its file system can only be read",
  ENOSPC: "cannot be written: the disk is full",
  EDQUOT: "cannot be written: this account's share of the disk is used up",
  ENAMETOOLONG: "is too long for the name of a file",
};

/** What the system refused a command, in words; undefined of an error that did not come from the system. */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  if (path === undefined) return message;
  if (code === "EEXIST")
    return `${path} ${syscall === "mkdir" ? "is a file, and a folder is needed" : "is there already"}`;
  return reasons[code] === undefined ? message : `${path} ${reasons[code]}`;
}

/** Whether the system may let it pass another time: there was no room. */
export const isFullDisk = (error: unknown): boolean =>
  ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
