/**
 * How a method is declared: its arguments and a function. A namespace is a record from wire name to method,
 * and the server's table is those records spread into one.
 */
import type { Args, ParamList } from "./params.ts";

/** Whoever asks: one WebSocket connection, or one HTTP request. Compared by identity. */
export interface Client {
  /** May it call methods that change the node or cost it much? */
  readonly allowsUnsafe: boolean;
  /** Runs `close` when the client is gone; over HTTP that is when its answer is ready. */
  onClose(close: () => void): void;
}

/** Where a subscription's notifications go. */
export interface Sink {
  readonly id: string;
  readonly client: Client;
  /** Sends one notification; nothing happens once the subscription has ended. */
  send(result: unknown): void;
  /** {@link send} for a result that is JSON text already, shared by many subscribers. */
  sendText(json: string): void;
  /** Resolves when the client has read most of what was sent, or is gone: for senders of much. */
  drained(): Promise<void>;
  /** Ends the subscription from this side. */
  close(): void;
  readonly closed: boolean;
}

/**
 * Starts to send, after the client has been told the subscription's id; returns how to stop. Every feed that was
 * opened is started, be it only to be stopped at once, so what was taken to open it can be given back in one place.
 */
export type Feed = (sink: Sink) => () => void;

interface Common {
  readonly params: ParamList;
  readonly unsafe: boolean;
}

export type Method =
  | (Common & { readonly type: "call"; run(args: unknown, client: Client): unknown })
  | (Common & {
      readonly type: "subscribe";
      readonly notification: string;
      open(args: unknown, client: Client): Feed | Promise<Feed>;
    })
  /** Ends a subscription of its notification; answers whether there was one. */
  | (Common & { readonly type: "unsubscribe"; readonly notification: string });

export type Methods = Readonly<Record<string, Method>>;

/** A result that is JSON text already, for large answers that are kept. */
export class Json {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A result with something to do once it is on its way, such as notifications that refer to it; done in any case. */
export class Reply {
  readonly result: unknown;
  readonly sent: () => void;
  constructor(result: unknown, sent: () => void) {
    this.result = result;
    this.sent = sent;
  }
}

/** A method that answers once. What it returns is written as JSON; it throws RpcError for what the caller did wrong. */
export function call<P extends ParamList>(
  params: P,
  run: (args: Args<P>, client: Client) => unknown,
): Method {
  return { type: "call", params, unsafe: false, run: run as (args: unknown, client: Client) => unknown };
}

/** As {@link call}, for callers that are trusted only. */
export function unsafeCall<P extends ParamList>(
  params: P,
  run: (args: Args<P>, client: Client) => unknown,
): Method {
  return { ...call(params, run), unsafe: true };
}

/** The pair of methods of a subscription under all their spellings, the current one first. */
export function subscription<P extends ParamList>(
  names: { subscribe: readonly string[]; unsubscribe: readonly string[]; notification: string },
  params: P,
  open: (args: Args<P>, client: Client) => Feed | Promise<Feed>,
): Methods {
  const { notification } = names;
  const subscribe: Method = {
    type: "subscribe",
    params,
    unsafe: false,
    notification,
    open: open as (args: unknown, client: Client) => Feed | Promise<Feed>,
  };
  const unsubscribe: Method = { type: "unsubscribe", params: {}, unsafe: false, notification };
  return {
    ...Object.fromEntries(names.subscribe.map((name) => [name, subscribe])),
    ...Object.fromEntries(names.unsubscribe.map((name) => [name, unsubscribe])),
  };
}
