/**
 * Stores what a training has anchored while it goes on: where its trainer vanishes, the buyer goes on from there. Training waits for
 * nothing of this, and what fails is tried again; only the package at the end must succeed.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkpointFile, lossFile, Package, stateFilesBefore } from "../proof/package.ts";
import type { Agent } from "./agent-context.ts";
import type { Anchoring } from "./anchoring.ts";
import { packageFolder, storeParts } from "./handing-in.ts";
import { orderFolder } from "./order-duty.ts";
import { Upload, uploadKeys } from "./upload.ts";

/** So often in a training, where nothing else is configured. */
export const usualParts = 10;
/** Before a failed store is tried again, in ms: the first time, and at most. */
const pauseMs = 1_000;
const longestMs = 60_000;

/**
 * Of the checkpoints that are anchored those to store on the way, so that no more than one of so many parts of the steps is lost
 * where anchors are as near as that. The last is not among them: it goes with the package. None where `parts` is 0.
 */
export function storePlan(
  anchored: ReadonlySet<number>,
  stepOf: (checkpoint: number) => number,
  parts: number,
): Set<number> {
  const indices = [...anchored].sort((a, b) => a - b);
  const most = parts === 0 ? Infinity : Math.ceil(stepOf(indices.at(-1) ?? 0) / parts);
  const plan = new Set<number>();
  let at = 0;
  for (const [place, index] of indices.entries()) {
    const next = indices[place + 1];
    if (index === 0 || next === undefined || stepOf(next) - at <= most) continue;
    plan.add(index);
    at = stepOf(index);
  }
  return plan;
}

/** What is stored: checkpoints in ascending order, and the address of the index that has them. */
interface Reached {
  readonly checkpoints: readonly number[];
  readonly uri: string;
}

export class Storing {
  readonly #agent: Agent;
  readonly #order: number;
  readonly #recipient: Uint8Array | undefined;
  readonly #signal: AbortSignal;
  readonly #end = new AbortController();
  readonly #halt = new AbortController();
  #plan: readonly number[] = [];
  #reached: Reached | undefined;
  /** The latest checkpoint that is to be stored and is not. */
  #wanted: number | undefined;
  #running: Promise<void> = Promise.resolve();

  /** `recipient` is the buyer's key to which all is sealed; `signal` breaks off what is under way. */
  constructor(agent: Agent, order: number, recipient: Uint8Array | undefined, signal: AbortSignal) {
    this.#agent = agent;
    this.#order = order;
    this.#recipient = recipient;
    this.#signal = AbortSignal.any([signal, this.#halt.signal]);
  }

  /** From now on stores of what is anchored the checkpoints of a plan, and has their address told. */
  async follow(anchoring: Anchoring, plan: ReadonlySet<number>): Promise<void> {
    if (plan.size === 0) return;
    this.#plan = [...plan];
    this.#reached = await this.#agent.journal.get<Reached>(this.#row);
    if (this.#reached) await this.#tell(anchoring, this.#reached);
    anchoring.listen(({ index }) => this.#add(anchoring, index));
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  end(): Promise<void> {
    this.#end.abort();
    return this.#running;
  }

  /** Breaks off what is under way; resolves when that has ended. */
  stop(): Promise<void> {
    this.#halt.abort();
    return this.end();
  }

  get #row(): string {
    return `${uploadKeys(this.#order)}reached`;
  }

  /** A checkpoint is anchored. */
  #add(anchoring: Anchoring, anchored: number): void {
    const due = this.#plan.findLast((index) => index <= anchored);
    if (due === undefined || due <= (this.#wanted ?? this.#reached?.checkpoints.at(-1) ?? 0)) return;
    const isIdle = this.#wanted === undefined;
    this.#wanted = due;
    if (isIdle) this.#running = this.#run(anchoring);
  }

  /** Stores what is wanted, until nothing more is; what was overtaken meanwhile goes with the package. */
  async #run(anchoring: Anchoring): Promise<void> {
    const stop = AbortSignal.any([this.#signal, this.#end.signal]);
    for (let failures = 0; this.#wanted !== undefined && !stop.aborted; ) {
      const checkpoint = this.#wanted;
      try {
        this.#reached = await this.#store(checkpoint);
        await this.#agent.journal.put(this.#row, this.#reached);
        this.#agent.log.info("checkpoint stored", { order: this.#order, checkpoint, uri: this.#reached.uri });
        await this.#tell(anchoring, this.#reached);
        failures = 0;
        // What fails of these comes with the package.
        await this.#storeStates(checkpoint).catch(() => undefined);
        if (this.#wanted === checkpoint) this.#wanted = undefined;
      } catch (error) {
        if (this.#signal.aborted) return;
        const { name, message } = error as Error;
        this.#agent.log.warn("a checkpoint could not be stored, which is tried again", {
          order: this.#order,
          checkpoint,
          error: `${name}: ${message}`,
        });
        const ms = Math.min(pauseMs * 2 ** failures++, longestMs);
        await pause(ms, undefined, { signal: stop }).catch(() => undefined);
      }
    }
  }

  /** Stores a checkpoint with all that shows where it belongs, and an index that has the earlier ones, too. */
  async #store(checkpoint: number): Promise<Reached> {
    const folder = packageFolder(this.#agent, this.#order);
    const proof = await new Package(folder).proof();
    // Up to here alone: what is stored under a name is the same whenever it is stored.
    const part = new Package(join(orderFolder(this.#agent, this.#order), "anchored"));
    await part.writeProof({ ...proof, links: proof.links.slice(0, checkpoint + 1) });
    const checkpoints = [...new Set([...(this.#reached?.checkpoints ?? []), checkpoint])];
    const names = [
      "manifest.json",
      ...checkpoints.flatMap((index) => [checkpointFile(index), lossFile(index)]),
    ];
    const upload = await Upload.open(this.#agent, this.#order, this.#recipient, this.#signal);
    const parts = {
      proof: join(part.folder, "proof.json"),
      checkpoint,
      files: names.map((name) => join(folder, name)),
    };
    const uri = await storeParts(upload, parts, "anchored.json");
    return { checkpoints, uri };
  }

  /**
   * Stores the states that lie before a checkpoint, until a later one is anchored or the training ends. No index names them yet,
   * since none but inspectors read them; the package, on which the order waits, has less to store for it.
   */
  async #storeStates(checkpoint: number): Promise<void> {
    const folder = packageFolder(this.#agent, this.#order);
    const { links } = await new Package(folder).proof();
    const names = stateFilesBefore(await readdir(folder), links[checkpoint]?.step ?? 0);
    const upload = await Upload.open(this.#agent, this.#order, this.#recipient, this.#signal);
    for (const name of names) {
      if (this.#wanted !== checkpoint || this.#end.signal.aborted) return;
      await upload.put(join(folder, name));
    }
  }

  async #tell(anchoring: Anchoring, { uri }: Reached): Promise<void> {
    const row = `${uploadKeys(this.#order)}told`;
    const isNew = (await this.#agent.journal.get<string>(row)) !== uri;
    // Noted before it is sent: what a crash loses goes with the next anchor, and nothing is sent twice.
    if (isNew) await this.#agent.journal.put(row, uri);
    anchoring.say({ order: this.#order, uri }, isNew ? "now" : "with the next");
  }
}
