/** An answer that does not fit what was asked for; the message says what the peer did. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}
