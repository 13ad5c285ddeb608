import { CodedError } from "../../runtime/primitives/coded-error.ts";

/** What is wrong with frames on a stream. */
export type FrameErrorCode =
  /** The length says more than is allowed; not a byte of it was kept. */
  | "TooLarge"
  /** The stream ended within a frame. */
  | "Truncated"
  /** Nothing came, or nothing could be sent, for too long. */
  | "Idle"
  /** The other side reset the stream, or the connection is gone. */
  | "Reset";

export class FrameError extends CodedError<FrameErrorCode> {
  override readonly name = "FrameError";
}
