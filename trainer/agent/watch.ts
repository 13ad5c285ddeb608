/** Which blocks are worth a look: a look asks the node a dozen questions, and most blocks say nothing of this trainer. */

import { taskTopic } from "../../pallets/drilling/index.ts";
import { machineTopic } from "../../pallets/machines/index.ts";
import { orderTopic } from "../../pallets/marketplace/index.ts";
import type { FinalBlock } from "../client/final-blocks.ts";
import type { View } from "./view.ts";

/** What is looked at whomever it names: a new epoch asks for heartbeats, an order for a trainer, a task for votes and work. */
const forEverybody = new Set([
  "Poh.EpochStarted",
  "Marketplace.OrderPlaced",
  "Drilling.TaskPublished",
  "Drilling.TaskApproved",
]);

/** Longest way between two looks, in blocks: whatever no event tells of is seen after so many. */
const longest = 50;

/** What a watch goes by. */
export interface Watched {
  readonly machines: readonly Uint8Array[];
  /** Orders that wait for a trainer, besides those of the view. */
  readonly placed: Iterable<number>;
  /** Blocks at which something begins that no event tells of. */
  readonly from: readonly number[];
}

export class Watch {
  readonly #account: string;
  #topics: ReadonlySet<string> = new Set();
  #next = 0;

  constructor(account: Uint8Array) {
    this.#account = textOf(account);
  }

  /** Whether anything in a block may have changed what is due. */
  concerns({ number, events }: FinalBlock): boolean {
    return (
      number >= this.#next ||
      events.some(
        ({ event, topics }) =>
          forEverybody.has(`${event.type}.${event.value.type}`) ||
          topics.map(textOf).some((topic) => topic === this.#account || this.#topics.has(topic)),
      )
    );
  }

  /** What was seen in a look is what the next blocks are compared with. */
  saw({ block, facts, orders }: View, { machines, placed, from }: Watched): void {
    const { inspections, units } = facts.duties;
    const topics = [
      ...machines.map(machineTopic),
      ...[...orders.keys(), ...inspections.map(({ order }) => order), ...placed].map(orderTopic),
      ...[...new Set(units.map(({ task }) => task))].map(taskTopic),
    ];
    this.#topics = new Set(topics.map(textOf));
    this.#next = Math.min(block + longest, ...from.filter((height) => height > block));
  }

  /** The next block is looked at, whatever is in it. */
  again(): void {
    this.#next = 0;
  }
}

const textOf = (topic: Uint8Array): string => Buffer.from(topic).toString("latin1");
