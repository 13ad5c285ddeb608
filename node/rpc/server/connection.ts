import type { WebSocket } from "ws";
import type { Answer, Caller, Dispatcher } from "./dispatch.ts";
import { rateLimited } from "./error.ts";
import { readBytes, readMessage } from "./message.ts";
import type { Client } from "./method.ts";
import type { RateLimit } from "./rate.ts";
import { Subscriptions, type SubscriptionsOptions } from "./subscriptions.ts";

export interface ConnectionOptions extends SubscriptionsOptions {
  readonly dispatcher: Dispatcher;
  readonly allowsUnsafe: boolean;
  /** Calls of this connection that may be at work at once. */
  readonly maxInFlight: number;
  /** Bytes that wait for the client above which none of its requests is served. */
  readonly pauseBytes: number;
  /** Bytes that wait for the client above which a notification ends the connection. */
  readonly maxBufferedBytes: number;
  readonly rate: RateLimit | undefined;
}

/**
 * One WebSocket client. It holds a bounded amount of memory however the client behaves:
 * requests are taken from the socket only while few answers wait to be read (the rest stays in the
 * kernel and slows the sender down), and a client that lets notifications pile up is disconnected.
 */
export class Connection implements Client {
  readonly allowsUnsafe: boolean;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #caller: Caller;
  readonly #subscriptions: Subscriptions;
  readonly #closers = new Set<() => void>();
  /** Messages received while the client was not to be served; at most what one read of the socket holds. */
  readonly #waiting: { data: Buffer; binary: boolean }[] = [];
  #drains: (() => void)[] = [];
  #inFlight = 0;
  #closed = false;
  #alive = true;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.allowsUnsafe = options.allowsUnsafe;
    this.#subscriptions = new Subscriptions(this, this, options);
    this.#caller = { client: this, subscriptions: this.#subscriptions, spend: () => this.#spend() };
    socket.on("message", (data, binary) => {
      this.#waiting.push({ data: data as Buffer, binary });
      this.#pump();
    });
    socket.on("pong", () => {
      this.#alive = true;
    });
    // Protocol faults (bad UTF-8 in a text frame, a frame that is too large) close the socket with the code RFC 6455 names.
    socket.on("error", () => {});
    socket.on("close", () => this.#end());
  }

  /** Sends a notification; ends the connection when too much waits to be read already. */
  send(text: string): void {
    if (this.#closed) return;
    if (this.#socket.bufferedAmount <= this.#options.maxBufferedBytes) {
      this.#socket.send(text, this.#flushed);
    } else {
      this.#end();
      this.#socket.terminate();
    }
  }

  drained(): Promise<void> {
    if (this.#closed || this.#socket.bufferedAmount <= this.#options.pauseBytes) return Promise.resolve();
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  onClose(close: () => void): void {
    if (this.#closed) close();
    else this.#closers.add(close);
  }

  /** Asks for a sign of life; a client that gave none since the last time is gone. */
  ping(): void {
    if (this.#alive) this.#socket.ping();
    else this.#socket.terminate();
    this.#alive = false;
  }

  /** Says goodbye with a code of RFC 6455. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  readonly #flushed = (): void => {
    if (this.#socket.bufferedAmount > this.#options.pauseBytes) return;
    const waiters = this.#drains;
    this.#drains = [];
    for (const resolve of waiters) resolve();
    if (this.#waiting.length > 0) this.#pump();
  };

  #pump(): void {
    const { maxInFlight, pauseBytes } = this.#options;
    while (
      !this.#closed &&
      this.#waiting.length > 0 &&
      this.#inFlight < maxInFlight &&
      this.#socket.bufferedAmount <= pauseBytes
    ) {
      const { data, binary } = this.#waiting.shift() as { data: Buffer; binary: boolean };
      this.#serve(data, binary);
    }
    if (this.#closed) return;
    if (this.#waiting.length > 0) this.#socket.pause();
    else if (this.#socket.isPaused) this.#socket.resume();
  }

  #serve(data: Buffer, binary: boolean): void {
    // The socket has checked that text frames are UTF-8.
    const message = binary ? readBytes(data) : readMessage(data.toString());
    const answer = this.#options.dispatcher.answer(message, this.#caller);
    if (answer instanceof Promise) void this.#answerLater(answer);
    else this.#answer(answer);
  }

  async #answerLater(answer: Promise<Answer>): Promise<void> {
    this.#inFlight++;
    const ready = await answer;
    await this.drained();
    this.#inFlight--;
    this.#answer(ready);
    if (this.#waiting.length > 0) this.#pump();
  }

  #answer({ text, settled }: Answer): void {
    const delivered = !this.#closed;
    if (text !== undefined && delivered) this.#socket.send(text, this.#flushed);
    settled?.(delivered);
  }

  #spend(): void {
    if (this.#options.rate?.take(performance.now()) === false) throw rateLimited();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.length = 0;
    this.#subscriptions.endAll();
    for (const close of this.#closers) close();
    this.#closers.clear();
    for (const resolve of this.#drains) resolve();
    this.#drains = [];
  }
}
