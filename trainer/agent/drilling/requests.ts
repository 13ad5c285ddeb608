/** Asking for work: which tasks are taken, whether their files can be had, what the chain is told of that, and requests themselves. */
import { maxRefused, type Preferences, type Task } from "../../../pallets/drilling/index.ts";
import { equalBytes, textBytes, toHex } from "../../../runtime/primitives/bytes.ts";
import type { Agent } from "../agent-context.ts";
import type { Duty } from "../duties.ts";
import type { DrillingOptions } from "../options.ts";
import { machineFor } from "../order-duty.ts";
import type { View } from "../view.ts";
import { type Ask, askFor, type Free, highestBond } from "./asking.ts";
import { type Pace, unitsInWindow } from "./capacity.ts";
import type { DrillingView, Seat } from "./drilling-view.ts";
import type { Results } from "./results.ts";
import type { TaskBook } from "./task-book.ts";
import { sameWishes, wishes } from "./wishes.ts";

/** Kept for fees and anchors, in the smallest unit of the token. */
const reserve = 1_000_000_000_000n;
/** Files of so many tasks are looked at before work is asked for; a block gives out units of no more. */
const maxPrepared = 32;

interface Chosen {
  /** Active tasks that are taken, by number. */
  readonly taken: readonly (readonly [id: number, task: Task])[];
  readonly refused: readonly number[];
}

export class Requests {
  readonly #agent: Agent;
  readonly #options: DrillingOptions;
  readonly #book: TaskBook;
  readonly #results: Results;
  /** Where others find results, once that is known. */
  #readable: Uint8Array | undefined;
  #isShort = false;

  constructor(agent: Agent, options: DrillingOptions, book: TaskBook, results: Results) {
    this.#agent = agent;
    this.#options = options;
    this.#book = book;
    this.#results = results;
  }

  /** What is due as of a block. */
  duties(view: View, found: DrillingView, seats: readonly Seat[]): Duty[] {
    const { facts } = view;
    const available = facts.machines.filter(({ id, available }) => available && machineFor(this.#agent, id));
    const free = this.#free(view, available, seats);
    if (this.#agent.draining || this.#options.units === 0 || free.length === 0)
      return facts.drilling.asking ? [this.#withdrawal()] : [];
    if (facts.stake?.can_work !== true) return [];
    const pace = { slotMs: view.slotMs, haste: this.#agent.options.policy.haste };
    const slowest = available.reduce(
      (a, { measured }) => (measured < a ? measured : a),
      available[0]!.measured,
    );
    const chosen = this.#choose(found, { ...pace, measured: slowest });
    const unknown = chosen.taken.slice(0, maxPrepared).filter(([id]) => !this.#book.isGood(id));
    if (unknown.length > 0) return [this.#preparation(unknown.map(([id]) => id))];
    // Who has told nothing and asks for nothing is given nothing.
    const isHeard = facts.drilling.asking || found.preferences !== undefined;
    if (chosen.taken.length === 0 && !(isHeard && chosen.refused.length > 0)) return [];
    const told = this.#wishes(chosen.refused, found);
    if (told !== undefined) return [told];
    const isEarly = view.block < facts.drilling.rests_until;
    const tasks = chosen.taken.map(([, task]) => task);
    if (facts.drilling.asking || isEarly || tasks.length === 0 || chosen.refused.length > maxRefused)
      return [];
    const funds = found.free - reserve;
    this.#sayFunds(funds, tasks);
    const ask = askFor({ free, tasks, seats: found.seats, funds, options: this.#options, pace });
    return ask === undefined ? [] : [this.#request(ask)];
  }

  /** Machines that units may be asked for: those that no order and no inspection keeps busy, unless both are wanted. */
  #free({ orders, facts }: View, available: View["facts"]["machines"], seats: readonly Seat[]): Free[] {
    const inTraining = [...orders.values()].flatMap(({ state, deal }) =>
      deal && (state === "Accepted" || state === "Training") ? [toHex(deal.machine)] : [],
    );
    const inspects = facts.duties.inspections.some(
      ({ phase, committed }) => phase === "Committing" && !committed,
    );
    const first = this.#agent.options.machines[0]?.id;
    const busy = new Set([...inTraining, ...(inspects && first ? [toHex(first)] : [])]);
    const at = Map.groupBy(
      seats.filter(({ state, committed }) => state === "Committing" && !committed),
      ({ machine }) => toHex(machine),
    );
    return available
      .filter(({ id }) => this.#options.besideOrders || !busy.has(toHex(id)))
      .map(({ id, measured }) => ({ id, measured, units: at.get(toHex(id))?.length ?? 0 }));
  }

  #choose({ tasks }: DrillingView, pace: Pace): Chosen {
    const active = [...tasks].filter(
      ([, { state, owner }]) => state !== "Voting" && !equalBytes(owner, this.#agent.account),
    );
    const isRefused = ([id, task]: readonly [number, Task]) =>
      this.#options.refuse.includes(id) || this.#book.refused.has(id) || unitsInWindow(task, pace) === 0;
    return {
      taken: active.filter((each) => !isRefused(each)),
      refused: active.filter(isRefused).map(([id]) => id),
    };
  }

  /** Fetches what a task needs before a unit of it is at stake. */
  #preparation(tasks: readonly number[]): Duty {
    return {
      key: "drilling/prepare",
      run: async ({ signal, block }) => {
        let failure: unknown;
        for (const id of tasks) {
          try {
            await this.#book.open(id, signal);
          } catch (error) {
            signal.throwIfAborted();
            await this.#book.failed(id, error);
            if (!this.#book.refused.has(id)) failure ??= error;
          }
        }
        if (failure !== undefined) throw failure;
        return block + 1;
      },
    };
  }

  /** Tells the chain what is refused and where results lie; undefined where it knows. */
  #wishes(refused: readonly number[], { preferences }: DrillingView): Duty | undefined {
    const wanted = (): Preferences => wishes(this.#options.maxBond, refused, this.#readable);
    if (this.#readable !== undefined && sameWishes(preferences, wanted())) return undefined;
    return {
      key: "drilling/wishes",
      run: async ({ signal, block }) => {
        this.#readable ??= textBytes(await this.#results.readableAt(signal));
        const told = wanted();
        if (sameWishes(preferences, told)) return block + 1;
        const value = { type: "set_preferences", value: { preferences: told } } as const;
        const sent = await this.#agent.send({ type: "Drilling", value });
        this.#agent.log.info("told its wishes", { refused: told.refused_tasks });
        return sent.block.number;
      },
    };
  }

  #request({ machine, units }: Ask): Duty {
    return { key: "drilling/request", run: () => this.#send(machine, units) };
  }

  #withdrawal(): Duty {
    return this.#request({ machine: this.#agent.options.machines[0]?.id ?? new Uint8Array(16), units: 0 });
  }

  async #send(machine: Uint8Array, units: number): Promise<number> {
    const value = { type: "request_work", value: { machine, max_units: units } } as const;
    const { block } = await this.#agent.send({ type: "Drilling", value });
    if (units === 0) this.#agent.log.info("asks for no more work");
    else this.#agent.log.info("asked for work", { machine: toHex(machine), units });
    return block.number;
  }

  #sayFunds(funds: bigint, tasks: readonly Task[]): void {
    const bond = highestBond(tasks);
    if (funds < bond && !this.#isShort)
      this.#agent.log.warn("has too little for the bond of a unit", { bond, free: funds > 0n ? funds : 0n });
    this.#isShort = funds < bond;
  }
}
