import { CodedError } from "../../runtime/primitives/coded-error.ts";

/** Why the chain did not do what was asked. */
export type ChainErrorCode =
  /** The node cannot be reached, or went away and did not return in time. */
  | "Unreachable"
  /** The node answered, and says no; the message has its words. */
  | "Refused"
  /** The node runs another runtime than this release was made for. */
  | "OtherRuntime"
  /** The transaction may not be in a block: too little money, an old nonce, a wrong signature. */
  | "Invalid"
  /** The transaction was sent, and was not seen in a block in time: it may be in one yet. */
  | "Pending"
  /** The call was in a block and failed there; `error` names the pallet's error. */
  | "Dispatch";

/** What a chain or its node did not do; `code` says whether trying again can help, the message what to do. */
export class ChainError extends CodedError<ChainErrorCode> {
  override readonly name = "ChainError";
  /** Such as `Marketplace.NotBuyer`, of a call that failed. */
  readonly error: string | undefined;

  constructor(code: ChainErrorCode, message: string, error?: string) {
    super(code, message);
    this.error = error;
  }
}
