import { CodedError } from "../../runtime/primitives/coded-error.ts";

/** Why there is no answer to a request. */
export type RequestErrorCode =
  /** No connection to the peer, or it ended meanwhile. */
  | "NotConnected"
  /** The peer does not speak the protocol. */
  | "Unsupported"
  /** The whole took too long, or too long nothing came. */
  | "Timeout"
  /** The answer, or the request, has more bytes or parts than the protocol allows. */
  | "TooLarge"
  /** What came is no answer. */
  | "Malformed"
  /** The peer says that it does not have what was asked for. */
  | "Unavailable"
  /** The peer has too much to do, or was asked too often. */
  | "Busy"
  /** The peer says that the request is wrong. */
  | "BadRequest"
  /** The peer failed. */
  | "Internal";

/** A request without an answer; the message names the peer and the protocol. */
export class RequestError extends CodedError<RequestErrorCode> {
  override readonly name = "RequestError";
}

/** What a handler may say instead of an answer. */
export type RefusalCode = "Unavailable" | "Busy" | "BadRequest";

/** Thrown by a handler that does not answer. The message stays here; the peer hears the code. */
export class Refusal extends CodedError<RefusalCode> {
  override readonly name = "Refusal";
}

/** What is wrong with an option or a file of the network; the message says what to do. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}
