import { CodedError } from "../coded-error.ts";

/** What can be wrong with data from outside. */
export type DataErrorCode =
  /** The file cannot be opened or read. */
  | "Unreadable"
  /** The header breaks its format. */
  | "BadHeader"
  /** The file has more or fewer bytes than its header says. */
  | "WrongLength"
  /** The element type or layout exists but is not taken. */
  | "Unsupported"
  /** A size is over the limit. */
  | "TooLarge"
  /** A name, column or entry is not there. */
  | "Missing"
  /** A value is no number, no class, out of its type's range, or not finite. */
  | "BadValue"
  /** Two parts that belong together do not fit. */
  | "Mismatch";

/** Data that cannot be taken; the message names the file and says what would be right. */
export class DataError extends CodedError<DataErrorCode> {
  override readonly name = "DataError";

  constructor(code: DataErrorCode, file: string, problem: string) {
    super(code, `${file}: ${problem}`);
  }
}
