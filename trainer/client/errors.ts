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

export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly code: ChainErrorCode;
  /** Such as `Marketplace.NotBuyer`, of a call that failed. */
  readonly error: string | undefined;

  constructor(code: ChainErrorCode, message: string, error?: string) {
    super(message);
    this.code = code;
    this.error = error;
  }
}
