import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";
import { FrameError } from "./frame-error.ts";

/** Bytes of the length in front of a frame, little endian. */
export const prefixBytes = 4;

/** For how many turns of the event loop what lies in a stream that was reset is waited for. */
const graceTurns = 16;

export interface ReadLimits {
  readonly maxBytes: number;
  /** Longest silence, in milliseconds. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/**
 * Frames of a stream, each behind its length. The stream is paused unless bytes are wanted, so that a peer can make us
 * keep no more than one frame and the window of its stream.
 */
export class FrameReader {
  readonly #stream: Stream;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #wanted = prefixBytes;
  #ended = false;
  #error: FrameError | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.addEventListener("message", this.#onMessage);
    stream.addEventListener("end", this.#onEnd);
    stream.addEventListener("close", this.#onClose);
    this.#ended = stream.readableEnded;
    if (stream.status === "reset" || stream.status === "aborted")
      this.#fail("it was closed before it was read");
  }

  /** The next frame; undefined where the stream ends before one. @throws FrameError, or the reason of the signal. */
  async read(limits: ReadLimits): Promise<Uint8Array | undefined> {
    if (!(await this.#has(prefixBytes, limits))) {
      if (this.#size === 0) return undefined;
      throw new FrameError("Truncated", "the stream ended within the length of a frame");
    }
    const prefix = this.#take(prefixBytes);
    const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0, true);
    if (length > limits.maxBytes)
      throw new FrameError("TooLarge", `a frame of ${length} bytes; at most ${limits.maxBytes} are allowed`);
    if (!(await this.#has(length, limits)))
      throw new FrameError("Truncated", `the stream ended after ${this.#size} of ${length} bytes of a frame`);
    return this.#take(length);
  }

  /** Lets go of the stream; what comes later is not listened to. */
  release(): void {
    this.#stream.removeEventListener("message", this.#onMessage);
    this.#stream.removeEventListener("end", this.#onEnd);
    this.#stream.removeEventListener("close", this.#onClose);
    this.#chunks = [];
    this.#size = 0;
  }

  /** Waits until `count` bytes are here; false where the stream ends before. */
  async #has(count: number, limits: ReadLimits): Promise<boolean> {
    this.#wanted = count;
    let turns = 0;
    while (this.#size < count) {
      limits.signal.throwIfAborted();
      if (this.#error && (turns > graceTurns || !this.#mayStillCome())) throw this.#error;
      if (this.#ended) return false;
      if (this.#stream.readStatus === "paused") this.#stream.resume();
      if (this.#size >= count || this.#ended) continue;
      if (!this.#error) await this.#more(limits);
      else {
        turns++;
        await nextTurn();
      }
    }
    return true;
  }

  async #more({ idleMs, signal }: ReadLimits): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal.reason);
    // After a moment in which this process itself stood still, what came meanwhile is heard before the timer is believed.
    const onSilence = () => reject(new FrameError("Idle", `nothing came for ${idleMs / 1000} s`));
    const timer = setTimeout(() => setImmediate(onSilence), idleMs);
    this.#wake = resolve;
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.#wake = undefined;
    }
  }

  #take(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, count - at);
      bytes.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#size -= count;
    return bytes;
  }

  #onMessage = (event: StreamMessageEvent): void => {
    const bytes = event.data instanceof Uint8Array ? event.data : event.data.subarray();
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= this.#wanted && this.#stream.readStatus === "readable") this.#stream.pause();
    this.#wake?.();
  };

  #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  #onClose = (event: StreamCloseEvent): void => {
    if (event.error) this.#fail(event.error.message);
    // A stream that closes well may still hold bytes for us; then `end` comes after them.
    else if (this.#stream.readBufferLength === 0) this.#ended = true;
    this.#wake?.();
  };

  #fail(message: string): void {
    this.#error = new FrameError("Reset", `the stream was reset: ${message}`);
  }

  /** What was sent before a reset may lie in the stream until its next turn. */
  #mayStillCome(): boolean {
    return this.#stream.readBufferLength > 0 && this.#stream.readStatus === "readable";
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
