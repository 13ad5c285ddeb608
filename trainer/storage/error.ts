import { CodedError } from "../engine/coded-error.ts";

/** Why an object could not be stored or fetched. */
export type StorageErrorCode =
  /** The address is malformed, or of a kind that is not configured. */
  | "BadAddress"
  /** Nothing lies at the address. */
  | "NotFound"
  /** The server, the file system or our own rules say no. */
  | "Forbidden"
  /** The object is larger than allowed. */
  | "TooLarge"
  /** What came is not what was asked for. */
  | "HashMismatch"
  /** The connection broke or the server failed; what came so far is kept and the next try goes on from there. */
  | "Interrupted"
  /** The disk here is full. */
  | "DiskFull"
  /** A sealed object was changed, cut, reordered, or sealed to another key. */
  | "BadSeal";

/** An expected failure; the message names the address or file and says what would be right. */
export class StorageError extends CodedError<StorageErrorCode> {
  override readonly name = "StorageError";
}

/** A failure of the local file system in our own words; anything else passes unchanged. */
export function fileProblem(path: string, error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new StorageError("DiskFull", `${path}: the disk is full, or this account's share of it`, {
        cause: error,
      });
    case "ENOENT":
      return new StorageError("NotFound", `${path} does not exist`, { cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StorageError("Forbidden", `${path}: permission denied`, { cause: error });
    case "EISDIR":
      return new StorageError("BadAddress", `${path} is a folder, not a file`, { cause: error });
    default:
      return error;
  }
}
