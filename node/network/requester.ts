import type { Connection, Stream } from "@libp2p/interface";
import { readAnswer } from "./answer.ts";
import { type Deadline, deadline } from "./deadline.ts";
import { RequestError, type RequestErrorCode } from "./errors.ts";
import { FrameError } from "./frame-error.ts";
import { FrameReader } from "./frame-reader.ts";
import { writeFrame } from "./frame-writer.ts";
import { Paces } from "./paces.ts";
import type { Traffic } from "./traffic.ts";
import type { Misbehaviour, PeerId, Protocol, RequestOptions } from "./types.ts";
import type { WireNames } from "./wire-names.ts";

export interface RequesterComponents {
  readonly names: WireNames;
  /** An open connection to the peer. */
  connection(peer: PeerId): Connection | undefined;
  report(peer: PeerId, reason: Misbehaviour): void;
  readonly traffic: Traffic;
}

/** Of the requests that a peer allows. */
const shareOfRate = 0.9;

/** Asks peers, no faster than their limits allow, and reports those whose answers break the protocol. */
export class Requester {
  readonly #components: RequesterComponents;
  readonly #paces = new Paces(shareOfRate);

  constructor(components: RequesterComponents) {
    this.#components = components;
  }

  /** The whole answer. @throws RequestError, or the reason of the signal. */
  async request(
    peer: PeerId,
    protocol: Protocol,
    body: Uint8Array,
    options: RequestOptions = {},
  ): Promise<Uint8Array> {
    let answer: Uint8Array | undefined;
    for await (const part of this.stream(peer, { ...protocol, maxParts: 1 }, body, options)) answer = part;
    return answer!; // A stream without an error has at least one part.
  }

  /** The parts of an answer. @throws RequestError, or the reason of the signal. */
  async *stream(
    peer: PeerId,
    protocol: Protocol,
    body: Uint8Array,
    options: RequestOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const fail: (code: RequestErrorCode, message: string, cause?: unknown) => never = (
      code,
      message,
      cause,
    ) => {
      throw new RequestError(code, `${protocol.name} of ${peer}: ${message}`, { cause });
    };
    if (body.length > protocol.maxRequestBytes)
      fail("TooLarge", `a request of ${body.length} bytes; at most ${protocol.maxRequestBytes} are allowed`);
    options.signal?.throwIfAborted();
    if (this.#components.connection(peer)) await this.#paces.pass(peer, protocol, options.signal);
    const limit = deadline(Math.min(options.timeoutMs ?? Infinity, protocol.timeoutMs), options.signal);
    let connection: Connection | undefined;
    let stream: Stream | undefined;
    let outcome: RequestErrorCode | "Ok" | "Aborted" = "Aborted";
    try {
      connection = this.#components.connection(peer);
      if (!connection) throw new RequestError("NotConnected", "no connection");
      stream = await connection.newStream(this.#components.names.protocol(protocol.name), {
        signal: limit.signal,
      });
      yield* this.#exchange(stream, protocol, body, limit);
      outcome = "Ok";
    } catch (error) {
      // Why the caller gave up is the caller's to know, whatever became of the stream by then.
      if (options.signal?.aborted) throw options.signal.reason;
      const failure = classify(error, limit, connection?.status === "open");
      outcome = failure.code;
      if (failure.misbehaviour) this.#components.report(peer, failure.misbehaviour);
      fail(failure.code, (error as Error).message, error);
    } finally {
      limit.clear();
      // The answer is here: how its stream ends is nobody's concern any more.
      if (outcome === "Ok") void stream?.close().catch(() => {});
      else stream?.abort(new Error("the request ended early"));
      this.#components.traffic.asked(protocol.name, outcome);
    }
  }

  async *#exchange(stream: Stream, protocol: Protocol, body: Uint8Array, limit: Deadline) {
    const { traffic } = this.#components;
    const reader = new FrameReader(stream);
    try {
      const limits = {
        maxBytes: protocol.maxResponseBytes + 1,
        idleMs: protocol.idleMs,
        signal: limit.signal,
      };
      await writeFrame(stream, [body], limits);
      traffic.sent(body.length);
      for (let parts = 1; ; parts++) {
        const frame = await reader.read(limits);
        if (!frame) throw new FrameError("Truncated", "the answer ended before its last part");
        traffic.received(frame.length);
        const answer = readAnswer(frame);
        if (answer.type === "malformed") throw new Malformed(answer.message);
        if (answer.type === "refusal") throw new RequestError(answer.code, refusalText[answer.code] ?? "");
        if (!answer.isLast && parts >= (protocol.maxParts ?? 1))
          throw new FrameError("TooLarge", "too many parts");
        yield answer.bytes;
        if (answer.isLast) return;
      }
    } finally {
      reader.release();
    }
  }
}

/** What came is no answer. */
class Malformed extends Error {}

const refusalText: Partial<Record<RequestErrorCode, string>> = {
  Unavailable: "the peer does not have it",
  Busy: "the peer is busy",
  BadRequest: "the peer says that the request is wrong",
  Internal: "the peer failed",
};

function classify(
  error: unknown,
  limit: Deadline,
  isOpen: boolean,
): { readonly code: RequestErrorCode; readonly misbehaviour?: Misbehaviour } {
  if (error instanceof RequestError) return { code: error.code };
  if (error instanceof Malformed) return { code: "Malformed", misbehaviour: "Malformed" };
  if (error instanceof FrameError) {
    if (error.code === "TooLarge") return { code: "TooLarge", misbehaviour: "Oversized" };
    if (error.code === "Idle") return { code: "Timeout", misbehaviour: "Slow" };
    // Nobody is to blame for a connection that ends while an answer is on its way.
    if (error.code === "Truncated" && isOpen) return { code: "Malformed", misbehaviour: "Slow" };
    return { code: "NotConnected" };
  }
  if (limit.passed) return { code: "Timeout", misbehaviour: "Slow" };
  if (error instanceof Error && error.name === "UnsupportedProtocolError") return { code: "Unsupported" };
  return { code: "NotConnected" };
}
