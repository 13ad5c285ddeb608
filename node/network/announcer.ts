import { EventEmitter } from "node:events";
import type { Log } from "../log/log.ts";
import type { NetworkEvents } from "./types.ts";

/** Tells listeners of peers; one that throws is logged and hurts no other. */
export class Announcer {
  readonly #emitter = new EventEmitter();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns the function that ends it. */
  on<Name extends keyof NetworkEvents>(
    event: Name,
    listener: (...args: NetworkEvents[Name]) => void,
  ): () => void {
    this.#emitter.on(event, listener);
    return () => void this.#emitter.off(event, listener);
  }

  tell<Name extends keyof NetworkEvents>(event: Name, ...args: NetworkEvents[Name]): void {
    for (const listener of this.#emitter.rawListeners(event)) {
      try {
        listener.apply(undefined, args);
      } catch (error) {
        this.#log.error("a listener failed", { event, error });
      }
    }
  }
}
