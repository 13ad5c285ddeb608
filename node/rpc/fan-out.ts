import type { Sink } from "./server/method.ts";

/**
 * One source of notifications for many subscribers: what is sent is written as JSON once,
 * and the source is listened to only while somebody subscribes.
 */
export class FanOut {
  readonly #sinks = new Set<Sink>();
  readonly #listen: (send: (result: unknown) => void) => () => void;
  #stop: (() => void) | undefined;

  /** `listen` starts to listen and returns how to stop. */
  constructor(listen: (send: (result: unknown) => void) => () => void) {
    this.#listen = listen;
  }

  /** Adds a subscriber; the result removes it. */
  add(sink: Sink): () => void {
    this.#sinks.add(sink);
    this.#stop ??= this.#listen((result) => {
      const json = JSON.stringify(result);
      for (const each of this.#sinks) each.sendText(json);
    });
    return () => {
      this.#sinks.delete(sink);
      if (this.#sinks.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }
}
