/**
 * A failure that callers tell from others of its kind by `code`; the message says what would be right. The runtime's errors are
 * made alike, but the engine knows no chain.
 */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
