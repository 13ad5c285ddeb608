import type { Stream } from "@libp2p/interface";
import { FrameError } from "./frame-error.ts";
import { prefixBytes } from "./frame-reader.ts";

/** Sent at once; a peer that does not read makes us keep no more of a frame than this and its window. */
const pieceBytes = 64 * 1024;

interface WriteLimits {
  /** How long the peer may take to accept the next piece, in milliseconds. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** Sends `parts` as one frame, as fast as the peer reads. @throws FrameError, or the reason of the signal. */
export async function writeFrame(
  stream: Stream,
  parts: readonly Uint8Array[],
  limits: WriteLimits,
): Promise<void> {
  const prefix = new Uint8Array(prefixBytes);
  new DataView(prefix.buffer).setUint32(
    0,
    parts.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  const bytes = Buffer.concat([prefix, ...parts]);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    limits.signal.throwIfAborted();
    await sendPiece(stream, bytes.subarray(at, at + pieceBytes), limits);
  }
}

async function sendPiece(stream: Stream, piece: Uint8Array, { idleMs, signal }: WriteLimits): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => setImmediate(() => silence.abort()), idleMs);
  try {
    if (stream.send(piece)) return;
    await stream.onDrain({ signal: AbortSignal.any([signal, silence.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted) throw new FrameError("Idle", `the peer read nothing for ${idleMs / 1000} s`);
    throw new FrameError("Reset", `cannot send: ${(error as Error).message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
