/** Something on the command line that cannot be done; the message says what could. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
