import { createClient, type PolkadotClient } from "polkadot-api";
import { getWsProvider, WsEvent } from "polkadot-api/ws";
import { ChainError } from "./errors.ts";

/** How long to wait after news of the chain have ended on a connection that stands, in ms. */
const renewMs = 2_000;

/** One client of polkadot-api, for as long as its socket stands. */
interface Line {
  readonly client: PolkadotClient;
  /** Given when the socket is gone, or the connection is closed. */
  readonly lost: AbortController;
}

/**
 * A connection to a node that outlives the node's restarts. A socket that came back by itself would leave what was
 * subscribed on it silent, so a lost one is replaced by a new one, and questions without an answer are asked again there.
 */
export class Connection {
  readonly url: string;
  #line: Line;
  #isClosed = false;
  /** Of the finalized chain, as news of it come. */
  #height = -1;
  #waiting: (() => void)[] = [];

  constructor(url: string) {
    this.url = url;
    this.#line = this.#open();
  }

  /** What there is to work with now, and the signal that it is of no more use. */
  get line(): { readonly client: PolkadotClient; readonly lost: AbortSignal } {
    return { client: this.#line.client, lost: this.#line.lost.signal };
  }

  /** Asks the node. @throws ChainError `Refused` in the node's words, `Unreachable` without an answer within `ms`. */
  async request<T>(method: string, params: unknown[], ms: number): Promise<T> {
    const late = AbortSignal.timeout(ms);
    while (!this.#isClosed && !late.aborted) {
      const { client, lost } = this.line;
      try {
        return await orAborted(client._request<T>(method, params), AbortSignal.any([late, lost]));
      } catch (error) {
        if (late.aborted || lost.aborted) continue;
        throw (error as Error).name === "RpcError"
          ? new ChainError("Refused", (error as Error).message)
          : error;
      }
    }
    const why = this.#isClosed ? "the connection is closed" : `no answer to ${method} within ${ms / 1000} s`;
    throw new ChainError("Unreachable", `${this.url}: ${why}`);
  }

  /** Resolves when the block of this height is final, or the signal says to stop. */
  async reached(height: number, signal: AbortSignal): Promise<void> {
    while (this.#height < height && !signal.aborted && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          resolve();
        };
        this.#waiting.push(done);
        signal.addEventListener("abort", done);
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
    this.#wake();
  }

  #open(): Line {
    let stands = false;
    const lost = new AbortController();
    const gone = () => this.#renew(line);
    const provider = getWsProvider(this.url, {
      onStatusChanged({ type }) {
        if (type === WsEvent.ERROR && stands) queueMicrotask(gone);
        stands = type === WsEvent.CONNECTED;
      },
    });
    const line: Line = { client: createClient(provider), lost };
    const later = () => setTimeout(gone, renewMs).unref();
    line.client.finalizedBlock$.subscribe({
      next: ({ number }) => {
        this.#height = number;
        this.#wake();
      },
      error: later,
      complete: later,
    });
    return line;
  }

  #renew(line: Line): void {
    if (this.#isClosed || line !== this.#line) return;
    this.#drop();
    this.#line = this.#open();
  }

  #drop(): void {
    this.#line.lost.abort();
    this.#line.client.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The promise, or the signal's reason if that comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
