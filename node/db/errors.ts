/** What went wrong with the database, for programs. */
export type DatabaseErrorCode =
  /** Another process has it open. */
  | "Locked"
  /** It belongs to another chain. */
  | "Foreign"
  /** It was written by a version of the program that laid data out differently. */
  | "Schema"
  /** A record is damaged or missing. */
  | "Corrupt"
  /** The disk is full, or a quota or file size limit is reached. */
  | "DiskFull"
  /** The operating system refused to read or write. */
  | "Io";

/** A failure of the database that an operator can understand; `message` says what to do about it. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "DatabaseError";
    this.code = code;
  }
}

/** A record that cannot be what was written. */
export const corrupt = (record: string, cause?: unknown): DatabaseError =>
  new DatabaseError(
    "Corrupt",
    `the database is damaged: ${record}. Stop the node and either restore the folder from a backup, or run ` +
      "`matrixai purge-chain` and synchronise again (or `matrixai snapshot import`); check the disk first.",
    cause,
  );

/** Turns what LevelDB reports into a `DatabaseError`; its own codes are few, so its text decides. */
export function toDatabaseError(error: unknown, path: string): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "LEVEL_LOCKED") {
    return new DatabaseError(
      "Locked",
      `the database at ${path} is in use by another process: stop that node, or choose another --base-path.`,
      error,
    );
  }
  if (/no space left|file too large|quota exceeded/i.test(text)) {
    return new DatabaseError(
      "DiskFull",
      `the disk that holds ${path} is full (${text}): free some space and start again; nothing that was ` +
        "reported as written is lost.",
      error,
    );
  }
  if (code === "LEVEL_CORRUPTION" || /corrupt/i.test(text)) return corrupt(`${path}: ${text}`, error);
  return new DatabaseError("Io", `cannot use the database at ${path}: ${text}`, error);
}
