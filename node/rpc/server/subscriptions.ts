import { randomBytes } from "node:crypto";
import type { Log } from "../../log/log.ts";
import { tooManySubscriptions } from "./error.ts";
import type { Client, Feed, Sink } from "./method.ts";

/** What a subscription needs of its connection. */
export interface Outlet {
  send(text: string): void;
  drained(): Promise<void>;
}

export interface SubscriptionsOptions {
  readonly maxSubscriptions: number;
  readonly log: Log;
  /** Told of each one that opens (1) or ends (-1). */
  readonly counted: (change: 1 | -1) => void;
}

/** The subscriptions of one connection: their ids, their number, and their end. */
export class Subscriptions {
  readonly #open = new Map<string, { notification: string; sink: FeedSink }>();
  readonly #client: Client;
  readonly #outlet: Outlet;
  readonly #options: SubscriptionsOptions;

  constructor(client: Client, outlet: Outlet, options: SubscriptionsOptions) {
    this.#client = client;
    this.#outlet = outlet;
    this.#options = options;
  }

  /** Takes a place before the work of opening is done. @throws RpcError -32006 when there is none. */
  reserve(notification: string): { readonly id: string; start(feed: Feed): void; cancel(): void } {
    const { maxSubscriptions, log, counted } = this.#options;
    if (this.#open.size >= maxSubscriptions) throw tooManySubscriptions(maxSubscriptions);
    const id = randomBytes(12).toString("base64url");
    const sink = new FeedSink(id, notification, this.#client, this.#outlet, () => {
      this.#open.delete(id);
      counted(-1);
    });
    this.#open.set(id, { notification, sink });
    counted(1);
    const start = (feed: Feed) => {
      try {
        sink.start(feed);
      } catch (error) {
        // The id is out already, so silence is all that can be told of it.
        log.warn("a subscription failed from inside", { notification, error });
        sink.close();
      }
    };
    return { id, start, cancel: () => sink.close() };
  }

  /** Whether there was such a subscription. */
  end(id: unknown, notification: string): boolean {
    const entry = this.#open.get(String(id));
    if (entry === undefined || entry.notification !== notification) return false;
    entry.sink.close();
    return true;
  }

  endAll(): void {
    for (const { sink } of [...this.#open.values()]) sink.close();
  }
}

class FeedSink implements Sink {
  readonly id: string;
  readonly client: Client;
  readonly #head: string;
  readonly #outlet: Outlet;
  readonly #ended: () => void;
  #stop: (() => void) | undefined;
  #closed = false;

  constructor(id: string, notification: string, client: Client, outlet: Outlet, ended: () => void) {
    this.id = id;
    this.client = client;
    this.#head = `{"jsonrpc":"2.0","method":"${notification}","params":{"subscription":"${id}","result":`;
    this.#outlet = outlet;
    this.#ended = ended;
  }

  get closed(): boolean {
    return this.#closed;
  }

  start(feed: Feed): void {
    const stop = feed(this);
    // A feed may end its own subscription before it has returned, and its client may be gone before it starts.
    if (this.#closed) stop();
    else this.#stop = stop;
  }

  send(result: unknown): void {
    if (!this.#closed) this.sendText(JSON.stringify(result ?? null));
  }

  sendText(json: string): void {
    if (!this.#closed) this.#outlet.send(`${this.#head}${json}}}`);
  }

  drained(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#outlet.drained();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended();
    this.#stop?.();
    this.#stop = undefined;
  }
}
