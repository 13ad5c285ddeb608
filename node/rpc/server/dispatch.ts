/** From a request to the text of its answer. */
import type { Log } from "../../log/log.ts";
import {
  batchTooBig,
  internalError,
  methodNotFound,
  RpcError,
  responseTooBig,
  unsafeCalled,
} from "./error.ts";
import type { IdText, Message, Request } from "./message.ts";
import { type Client, type Feed, Json, type Method, type Methods, Reply } from "./method.ts";
import { optional, type Param, param, readParams } from "./params.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { Turns } from "./turns.ts";

/**
 * An answer. `settled` runs when it has been handed to the connection, so that notifications follow their id,
 * or with false when it could not be.
 */
export interface Answer {
  /** Undefined when nothing is to be said, as for a notification. */
  readonly text: string | undefined;
  readonly settled?: (delivered: boolean) => void;
}

/** Who calls, and with what rights and limits. */
export interface Caller {
  readonly client: Client;
  /** Undefined where a connection cannot carry notifications. */
  readonly subscriptions: Subscriptions | undefined;
  /** Throws when the caller has called too often. */
  spend(): void;
}

/** Told of each call; times are seconds. */
export interface CallObserver {
  started(method: string): void;
  finished(method: string, failed: boolean, seconds: number): void;
}

export interface DispatchOptions {
  readonly maxResponseBytes: number;
  readonly maxBatch: number;
  readonly log: Log;
  readonly observer?: CallObserver | undefined;
}

type Maybe<T> = T | Promise<T>;

const nothing: Answer = { text: undefined };

/** Serves messages from one table of methods. */
export class Dispatcher {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #options: DispatchOptions;
  readonly #turns = new Turns();

  constructor(methods: Methods, options: DispatchOptions) {
    // A Map, because "constructor" and "__proto__" are not methods.
    this.#methods = new Map(Object.entries(methods));
    this.#options = options;
  }

  /** Answers at once where the method does, so that the caller knows how much there is to send before it goes on. */
  answer(message: Message, caller: Caller): Maybe<Answer> {
    return message.type === "one"
      ? this.#inTurn(message.request, caller)
      : this.#batch(message.requests, caller);
  }

  /** One after the other, as polkadot-sdk does; together they may be as long as one answer. */
  async #batch(requests: readonly Request[], caller: Caller): Promise<Answer> {
    const { maxBatch, maxResponseBytes } = this.#options;
    if (requests.length > maxBatch) return { text: failure("null", batchTooBig(maxBatch)) };
    const texts: string[] = [];
    const settled: ((delivered: boolean) => void)[] = [];
    const settle = (delivered: boolean) => {
      for (const each of settled) each(delivered);
    };
    let length = 2;
    for (const request of requests) {
      const answer = await this.#inTurn(request, caller);
      if (answer.settled !== undefined) settled.push(answer.settled);
      if (answer.text === undefined) continue;
      length += answer.text.length + 1;
      if (length > maxResponseBytes) {
        settle(false);
        return { text: failure("null", responseTooBig(maxResponseBytes)) };
      }
      texts.push(answer.text);
    }
    if (texts.length === 0) return nothing;
    return { text: `[${texts.join(",")}]`, settled: settle };
  }

  /** At once, unless requests have kept the event loop for long enough. */
  #inTurn(request: Request, caller: Caller): Maybe<Answer> {
    if (!this.#turns.isOver) return this.#one(request, caller);
    return this.#turns.later(() => this.#one(request, caller));
  }

  #one(request: Request, caller: Caller): Maybe<Answer> {
    if (request.type === "notification") return nothing;
    if (request.type === "bad") return { text: failure(request.id, request.error) };
    const { id, method: name } = request;
    const method = this.#methods.get(name);
    if (method === undefined) return { text: failure(id, methodNotFound()) };
    const { observer } = this.#options;
    const start = observer === undefined ? 0 : performance.now();
    observer?.started(name);
    const fail = (error: unknown): Answer => {
      observer?.finished(name, true, (performance.now() - start) / 1000);
      return { text: failure(id, this.#explain(name, error)) };
    };
    const done = (answer: Answer): Answer => {
      observer?.finished(name, false, (performance.now() - start) / 1000);
      return answer;
    };
    try {
      caller.spend();
      if (method.unsafe && !caller.client.allowsUnsafe) throw unsafeCalled();
      const result = this.#run(method, request, caller);
      return result instanceof Promise ? result.then(done, fail) : done(result);
    } catch (error) {
      return fail(error);
    }
  }

  #run(method: Method, { id, params }: Request & { type: "call" }, caller: Caller): Maybe<Answer> {
    switch (method.type) {
      case "call": {
        const result = method.run(readParams(method.params, params), caller.client);
        return result instanceof Promise
          ? result.then((value) => this.#success(id, value))
          : this.#success(id, result);
      }
      case "unsubscribe": {
        const { subscription } = readParams(unsubscribeParams, params);
        return this.#success(id, caller.subscriptions?.end(subscription, method.notification) ?? false);
      }
      case "subscribe":
        return this.#subscribe(method, id, readParams(method.params, params), caller);
    }
  }

  #subscribe(
    method: Method & { type: "subscribe" },
    id: IdText,
    args: unknown,
    caller: Caller,
  ): Maybe<Answer> {
    if (caller.subscriptions === undefined)
      throw internalError("subscriptions need a WebSocket connection; this is HTTP");
    const place = caller.subscriptions.reserve(method.notification);
    const opened = (feed: Feed): Answer => ({
      ...this.#success(id, place.id),
      settled: (delivered) => {
        place.start(feed);
        if (!delivered) place.cancel();
      },
    });
    try {
      const feed = method.open(args, caller.client);
      if (!(feed instanceof Promise)) return opened(feed);
      return feed.then(opened, (error) => {
        place.cancel();
        throw error;
      });
    } catch (error) {
      place.cancel();
      throw error;
    }
  }

  #success(id: IdText, result: unknown): Answer {
    if (result instanceof Reply) return { ...this.#success(id, result.result), settled: result.sent };
    const json = result instanceof Json ? result.text : JSON.stringify(result ?? null);
    const { maxResponseBytes } = this.#options;
    if (json.length > maxResponseBytes) throw responseTooBig(maxResponseBytes);
    return { text: `{"jsonrpc":"2.0","id":${id},"result":${json}}` };
  }

  /** What the caller may know: an error that was meant for it, or only that something went wrong here. */
  #explain(method: string, error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    this.#options.log.warn("a call failed from inside", { method, error });
    return internalError();
  }
}

const unsubscribeParams: { subscription: Param<string | number | undefined> } = {
  subscription: optional(
    param((value) => {
      if (typeof value === "string" || typeof value === "number") return value;
      throw new Error("must be the id that subscribing answered");
    }),
  ),
};

/** The text of an error answer. */
export function failure(id: IdText, { code, message, data }: RpcError): string {
  const error = data === undefined ? { code, message } : { code, message, data };
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`;
}
