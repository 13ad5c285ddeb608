import { EventEmitter } from "node:events";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Moves } from "./branches.ts";
import { shortHash } from "./hash.ts";
import type { Refusal } from "./rules.ts";
import type { Block, ChainEvents, Head, ImportedEvent } from "./types.ts";

/** What subscribers, the log and the metrics hear of the chain; nothing is told before it is on disk. */
export class Announcer {
  readonly events = new EventEmitter<ChainEvents>();
  readonly #log: Log;
  readonly #metrics: Metrics | undefined;

  constructor(log: Log, metrics: Metrics | undefined) {
    this.#log = log;
    this.#metrics = metrics;
    // Every subscription of every client listens.
    this.events.setMaxListeners(0);
  }

  refused(head: Head, { code, message: reason }: Refusal): void {
    this.#metrics?.blocksRefused.inc({ reason: code });
    this.#log.warn("refused a block", { number: head.number, hash: shortHash(head.hash), code, reason });
  }

  /** An import that took so many ms, and what it moved; `best` is the best block after it. */
  imported(block: ImportedEvent & Pick<Block, "extrinsics">, best: Head, moves: Moves, ms: number): void {
    const { extrinsics, ...event } = block;
    this.#metrics?.blockImportSeconds.observe(ms / 1000);
    // Thousands of lines would say less than the one on progress.
    const level = event.origin === "sync" ? "debug" : "info";
    this.#log[level]("imported", {
      number: event.number,
      hash: shortHash(event.hash),
      extrinsics: extrinsics.length,
      ...(!event.isBest && { best: shortHash(best.hash) }),
      ms: Math.round(ms),
    });
    this.#emit("imported", event);
    this.moved(moves);
  }

  /** A state that was taken over as a whole, and the leap from genesis to it. */
  adopted(imported: ImportedEvent, entries: number, moves: Moves): void {
    this.#log.info("took over a state", { number: imported.number, entries });
    this.#emit("imported", imported);
    this.moved(moves);
  }

  moved({ best, finalized }: Moves): void {
    if (best && best.route.retracted.length > 0) {
      const { common, retracted, enacted } = best.route;
      this.#metrics?.reorganisations.inc();
      const depth = { retracted: retracted.length, enacted: enacted.length };
      this.#log.info("changed the branch", { from: common.number, ...depth, best: shortHash(best.hash) });
    }
    if (best) this.#emit("best", best);
    if (finalized) this.#emit("finalized", finalized);
  }

  failed(error: Error): void {
    this.#emit("failed", error);
  }

  /** Where the chain stands, in metrics. */
  measure(best: Head, finalized: Head, leaves: number): void {
    this.#metrics?.blockHeight.set({ status: "best" }, best.number);
    this.#metrics?.blockHeight.set({ status: "finalized" }, finalized.number);
    this.#metrics?.leaves.set(leaves);
  }

  /** Emits an event to every listener, also behind one that throws: a subscriber's fault is not the chain's. */
  #emit<Name extends keyof ChainEvents>(name: Name, value: ChainEvents[Name][0]): void {
    for (const listener of this.events.rawListeners(name)) {
      try {
        (listener as (value: ChainEvents[Name][0]) => void).call(this.events, value);
      } catch (error) {
        this.#log.error("a listener failed", { event: name, error });
      }
    }
  }
}
