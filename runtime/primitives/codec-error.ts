import { CodedError } from "./coded-error.ts";

/** Why bytes are not what they should be. */
export type CodecErrorCode =
  /** Fewer bytes than the value needs, or than a declared length promises. */
  | "EndOfInput"
  /** Bytes are left after the value. */
  | "TrailingBytes"
  /** More items than the type's bound. */
  | "TooLong"
  /** More nesting than an honest value has. */
  | "TooDeep"
  /** No variant, boolean or option with this first byte. */
  | "UnknownVariant"
  /** A right value in a form that is not the shortest, or items out of order. */
  | "NotCanonical"
  /** A value that the type does not hold. */
  | "OutOfRange";

/** Bytes that are no encoding of the expected type, or a value that cannot be encoded as it. */
export class CodecError extends CodedError<CodecErrorCode> {
  override readonly name = "CodecError";
}
