import type { Connection, Stream } from "@libp2p/interface";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { deadline } from "./deadline.ts";
import { FrameError } from "./frame-error.ts";
import { FrameReader } from "./frame-reader.ts";
import { writeFrame } from "./frame-writer.ts";
import {
  decodeStatus,
  encodeStatus,
  protocolVersion,
  type StatusMessage,
  statusBytes,
} from "./status-codec.ts";
import type { Misbehaviour, Status } from "./types.ts";

/** A status that could not be had, and what it says of the peer. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  /** Undefined where the peer is not to blame. */
  readonly misbehaviour: Misbehaviour | undefined;

  constructor(misbehaviour: Misbehaviour | undefined, message: string, cause?: unknown) {
    super(message, { cause });
    this.misbehaviour = misbehaviour;
  }
}

export interface ExchangeOptions {
  readonly genesis: Uint8Array;
  readonly own: Status;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

/** Tells a peer our status and hears its own. @throws StatusError. */
export function offerStatus(
  connection: Connection,
  protocol: string,
  options: ExchangeOptions,
): Promise<Status> {
  return exchange(options, async (signal) => {
    const stream = await connection.newStream(protocol, { signal });
    return { stream, first: "write" };
  });
}

/** Hears a peer's status on a stream that it opened, and tells ours. @throws StatusError. */
export const answerStatus = (stream: Stream, options: ExchangeOptions): Promise<Status> =>
  exchange(options, async () => ({ stream, first: "read" }));

async function exchange(
  { genesis, own, timeoutMs }: ExchangeOptions,
  open: (signal: AbortSignal) => Promise<{ readonly stream: Stream; readonly first: "read" | "write" }>,
): Promise<Status> {
  const limit = deadline(timeoutMs);
  const limits = { maxBytes: statusBytes, idleMs: timeoutMs, signal: limit.signal };
  let stream: Stream | undefined;
  let reader: FrameReader | undefined;
  try {
    const opened = await open(limit.signal);
    stream = opened.stream;
    reader = new FrameReader(stream);
    const tell = () => writeFrame(opened.stream, [encodeStatus(own, genesis)], limits);
    if (opened.first === "write") await tell();
    const frame = await reader.read(limits);
    if (!frame) throw new FrameError("Truncated", "the stream ended without a status");
    const status = decodeStatus(frame);
    check(status, genesis);
    if (opened.first === "read") await tell();
    await stream.close({ signal: limit.signal });
    return status;
  } catch (error) {
    stream?.abort(error as Error);
    throw toStatusError(error, limit.passed);
  } finally {
    reader?.release();
    limit.clear();
  }
}

// The names of protocols keep other chains away already; a node that lies about its names is caught here.
function check(status: StatusMessage, genesis: Uint8Array): void {
  if (!equalBytes(status.genesis, genesis))
    throw new StatusError("Foreign", "its genesis block is another one");
  if (status.version !== protocolVersion)
    throw new StatusError(
      "Foreign",
      `it speaks version ${status.version}; this node speaks ${protocolVersion}`,
    );
}

function toStatusError(error: unknown, passed: boolean): StatusError {
  if (error instanceof StatusError) return error;
  const { message, name } = error as Error;
  if (error instanceof CodecError) return new StatusError("Malformed", message, error);
  if (error instanceof FrameError && error.code === "TooLarge")
    return new StatusError("Oversized", message, error);
  if (passed || (error instanceof FrameError && error.code === "Idle"))
    return new StatusError("Slow", "it did not tell its status in time", error);
  if (name === "UnsupportedProtocolError")
    return new StatusError(
      "Foreign",
      "it is on another chain: it does not know the protocols of this one",
      error,
    );
  return new StatusError(undefined, message, error);
}
