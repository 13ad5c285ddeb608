import type { EventEmitter } from "node:events";
import type { Log } from "../log/log.ts";
import type { ChainEvents } from "./types.ts";

/** Emits an event to every listener, also behind one that throws: a subscriber's fault is not the chain's. */
export function announce<Name extends keyof ChainEvents>(
  events: EventEmitter<ChainEvents>,
  log: Log,
  name: Name,
  value: ChainEvents[Name][0],
): void {
  for (const listener of events.rawListeners(name)) {
    try {
      (listener as (value: ChainEvents[Name][0]) => void).call(events, value);
    } catch (error) {
      log.error("a listener failed", { event: name, error });
    }
  }
}
