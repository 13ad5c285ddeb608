/** A trainer's look at the chain: what is due as of a block, begun; what is not due any more, stopped; what is over, cleared away. */
import { storage as system } from "../../pallets/system/index.ts";
import type { FinalBlock } from "../client/final-blocks.ts";
import type { Agent } from "./agent-context.ts";
import { Drilling } from "./drilling/drilling.ts";
import { dutiesIn } from "./due.ts";
import { Duties, type Duty } from "./duties.ts";
import { tidy } from "./tidy.ts";
import { type View, viewAt } from "./view.ts";
import { Watch } from "./watch.ts";

export class Look {
  readonly #agent: Agent;
  /** Orders that wait for a trainer. */
  readonly #placed: Set<number>;
  readonly #duties: Duties;
  readonly #drilling: Drilling | undefined;
  readonly #watch: Watch;
  #due: readonly Duty[] = [];
  #wasDraining = false;
  /** Orders, seats and units that are to be brought to their end. */
  #open = 0;

  constructor(agent: Agent, placed: Set<number>) {
    this.#agent = agent;
    this.#placed = placed;
    this.#duties = new Duties(agent.log, (key) => agent.options.figures?.failed(key));
    this.#drilling = agent.options.drilling && new Drilling(agent, agent.options.drilling);
    this.#watch = new Watch(agent.account);
  }

  /** Nothing is left to do for one that is drained. */
  get isDone(): boolean {
    return this.#wasDraining && this.#open === 0 && this.#duties.running === 0;
  }

  /** Sees the next block. What failed is tried again, and what waits goes on, though nothing new is in it. */
  async at(block: FinalBlock): Promise<void> {
    for (const id of placedIn(block)) this.#placed.add(id);
    const reasons = [
      this.#duties.moved(block.number),
      this.#agent.draining !== this.#wasDraining,
      this.#watch.concerns(block),
    ];
    if (reasons.includes(true)) await this.#look(block);
    this.#duties.see(block.number, this.#due);
  }

  /** Stops all that is under way; resolves when it has ended. */
  stop(): Promise<void> {
    return this.#duties.stop();
  }

  async #look(block: FinalBlock): Promise<void> {
    this.#watch.again();
    const agent = this.#agent;
    const draining = agent.draining;
    const view = await viewAt(agent.chain, agent.account, block);
    await figure(agent, view);
    const duties = await dutiesIn(agent, view, this.#placed);
    const drilled = await this.#drilling?.look(view);
    this.#due = [...duties, ...(drilled?.duties ?? [])];
    await tidy(agent, view, this.#duties);
    this.#open = view.orders.size + view.facts.duties.inspections.length + (drilled?.open ?? 0);
    this.#wasDraining = draining;
    this.#watch.saw(view, {
      machines: agent.options.machines.map(({ id }) => id),
      placed: this.#placed,
      from: drilled?.from ?? [],
    });
  }
}

function placedIn({ events }: FinalBlock): number[] {
  return events.flatMap(({ event }) =>
    event.type === "Marketplace" && event.value.type === "OrderPlaced"
      ? [(event.value.value as { order: number }).order]
      : [],
  );
}

/** Tells what was seen to whoever watches the trainer. */
async function figure({ account, chain, options: { figures } }: Agent, view: View): Promise<void> {
  if (figures === undefined) return;
  const { data } = await chain.read(system.Account, [account], view.hash);
  figures.saw(view, data.free);
}
