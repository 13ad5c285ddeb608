/** Everything that has happened on a chain since its beginning, for tests that ask what became of an order and of money. */
import { setTimeout as pause } from "node:timers/promises";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";
import { ends } from "../economy/order-ends.ts";

/** An event with the runtime's own values. */
export interface Happened {
  /** `Pallet.Event`. */
  readonly name: string;
  readonly block: number;
  // biome-ignore lint/suspicious/noExplicitAny: each event has fields of its own, and tests say which they mean.
  readonly fields: Readonly<Record<string, any>>;
}

export class Chronicle {
  readonly events: Happened[] = [];
  /** The last block that was read. */
  block = 0;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor(chain: ChainClient) {
    this.#reading = this.#read(chain);
  }

  /** Resolves with what is found in the events, once there is something. */
  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await pause(50, undefined, { signal: this.#stop.signal });
    }
  }

  /** Events of an order, in their order; those of one name alone where it is given. */
  of(order: number, name?: string): Happened[] {
    return this.events.filter(
      (each) => each.fields.order === order && (name === undefined || each.name === name),
    );
  }

  /** The only event of this name about an order; waits for it. */
  first(order: number, name: string): Promise<Happened["fields"]> {
    return this.until(() => this.of(order, name)[0]?.fields);
  }

  /** How an order ended, and the event that says so; waits for it. */
  async ended(order: number): Promise<{ readonly outcome: string; readonly fields: Happened["fields"] }> {
    const outcomeOf = ({ name }: Happened) => ends[name.replace("Marketplace.", "")];
    const last = await this.until(() => this.of(order).find((each) => outcomeOf(each) !== undefined));
    return { outcome: outcomeOf(last)!, fields: last.fields };
  }

  /** Waits until so many more blocks were read. */
  async pass(blocks: number): Promise<void> {
    const goal = this.block + blocks;
    await this.until(() => this.block >= goal || undefined);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(chain: ChainClient): Promise<void> {
    for await (const { number, events } of chain.blocks(1, this.#stop.signal)) {
      for (const { event } of events) {
        const { type, value } = event as { type: string; value: { type: string; value: Happened["fields"] } };
        this.events.push({ name: `${type}.${value.type}`, block: number, fields: value.value });
      }
      this.block = number;
    }
  }
}
