/** What the chain says of drilling to one trainer, as of one block. */
import type { Preferences, Task } from "../../../pallets/drilling/index.ts";
import { storage as drilling } from "../../../pallets/drilling/index.ts";
import { storage as system } from "../../../pallets/system/index.ts";
import { keysOf, readEach } from "../../client/lists.ts";
import type { Agent } from "../agent-context.ts";
import type { View } from "../view.ts";

/** A seat of the trainer in a unit's quorum. */
export type Seat = View["facts"]["duties"]["units"][number];

export interface DrillingView {
  /** All tasks that have not ended, in the order of their numbers. */
  readonly tasks: ReadonlyMap<number, Task>;
  /** Of those in the vote, the ones that the trainer has voted on. */
  readonly voted: ReadonlySet<number>;
  readonly preferences: Preferences | undefined;
  /** Bonds of units that it has on hold. */
  readonly seats: number;
  /** Tokens that could be put on hold. */
  readonly free: bigint;
}

/** Looks at tasks, of which it remembers the numbers: they only grow. */
export class DrillingReader {
  readonly #agent: Agent;
  #known: Set<number> | undefined;
  #next = 0;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  async at(hash: string): Promise<DrillingView> {
    const { chain, account } = this.#agent;
    const [next, preferences, { seats }, { data }] = await Promise.all([
      chain.read(drilling.NextTask, [], hash),
      chain.read(drilling.Preferences, [account], hash),
      chain.read(drilling.Records, [account], hash),
      chain.read(system.Account, [account], hash),
    ]);
    const tasks = await this.#tasksAt(hash, next);
    const inVote = [...tasks].filter(([, { state }]) => state === "Voting").map(([id]) => id);
    const keys = inVote.map((id) => [id, account] as const);
    const ballots = await readEach(chain, drilling.Ballots, keys, hash);
    const voted = new Set(inVote.filter((_, i) => ballots[i] !== undefined));
    return { tasks, voted, preferences, seats, free: data.free };
  }

  async #tasksAt(hash: string, next: number): Promise<Map<number, Task>> {
    const { chain } = this.#agent;
    if (this.#known === undefined) {
      this.#known = new Set((await keysOf(chain, drilling.Tasks, hash)).map(([id]) => id));
      this.#next = next;
    }
    for (; this.#next < next; this.#next++) this.#known.add(this.#next);
    const ids = [...this.#known].sort((a, b) => a - b);
    const found = await readEach(
      chain,
      drilling.Tasks,
      ids.map((id) => [id] as const),
      hash,
    );
    const tasks = new Map<number, Task>();
    for (const [i, id] of ids.entries()) {
      const task = found[i];
      // What this block does not have any more has ended.
      if (task === undefined) this.#known.delete(id);
      else tasks.set(id, task);
    }
    return tasks;
  }
}
