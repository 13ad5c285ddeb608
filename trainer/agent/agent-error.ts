import { CodedError } from "../engine/coded-error.ts";

/** Why an agent cannot go on with something. */
export type AgentErrorCode =
  /** Another agent has the folder. */
  | "Busy"
  /** The configuration is wrong; every field that is is named. */
  | "Config"
  /** The journal cannot be read or written. */
  | "Journal"
  /** A machine's identifier belongs to somebody else. */
  | "MachineTaken"
  /** What was committed to on the chain is not what lies in the folder. */
  | "Foreign"
  /** Of several calls that were sent as one, some failed on the chain. */
  | "Failed"
  /** A commitment was made whose opening is not in the journal. */
  | "OpeningLost";

/** The message says what to do about it. */
export class AgentError extends CodedError<AgentErrorCode> {
  override readonly name = "AgentError";
}
