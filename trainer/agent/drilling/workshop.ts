/** Units computed one after another, each machine's on its device: the most urgent first. */
import { randomBytes } from "node:crypto";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { resultHash } from "../../drilling/result.ts";
import { unitResult } from "../../drilling/run-unit.ts";
import { type Device, openDevice } from "../../engine/device/device.ts";
import type { Agent } from "../agent-context.ts";
import type { Duty, DutyContext } from "../duties.ts";
import type { Seat } from "./drilling-view.ts";
import { keepOpening, openingOf } from "./opening.ts";
import type { Results } from "./results.ts";
import type { TaskBook } from "./task-book.ts";

export class Workshop {
  readonly #agent: Agent;
  readonly #book: TaskBook;
  readonly #results: Results;
  readonly #slotMs: () => bigint;
  /** Units to be computed, by machine. */
  #todo: ReadonlyMap<string, readonly Seat[]> = new Map();

  constructor(agent: Agent, book: TaskBook, results: Results, slotMs: () => bigint) {
    this.#agent = agent;
    this.#book = book;
    this.#results = results;
    this.#slotMs = slotMs;
  }

  /** Takes what is to be computed now in place of what was; gives the duties to do so. */
  take(seats: readonly Seat[]): Duty[] {
    this.#todo = Map.groupBy(seats, ({ machine }) => toHex(machine));
    return [...this.#todo.keys()].map((machine) => ({
      key: `drilling/compute/${machine}`,
      run: (context) => this.#work(machine, context),
    }));
  }

  /** Whether a unit of a task that is not refused is still to be computed. */
  get isBusy(): boolean {
    return [...this.#todo.values()].some((seats) => seats.some(({ task }) => !this.#book.refused.has(task)));
  }

  /** Works until nothing is left; what failed is left for the next time, after all others. @throws the first failure. */
  async #work(machine: string, context: DutyContext): Promise<number> {
    const own = this.#agent.options.machines;
    const options = (own.find(({ id }) => toHex(id) === machine) ?? own[0])?.device;
    await this.#agent.devices.drill(options, async () => {
      const device = await openDevice(options);
      try {
        await this.#computeAll(device, machine, context);
      } finally {
        device.close();
      }
    });
    return context.block + 1;
  }

  async #computeAll(device: Device, machine: string, context: DutyContext): Promise<void> {
    const tried = new Set<string>();
    const failures: (readonly [task: number, error: unknown])[] = [];
    for (let seat = this.#next(machine, tried); seat; seat = this.#next(machine, tried)) {
      context.signal.throwIfAborted();
      tried.add(keyOf(seat));
      try {
        await this.#compute(device, seat, context);
        this.#done(seat);
      } catch (error) {
        context.signal.throwIfAborted();
        await this.#book.failed(seat.task, error, seat.unit);
        failures.push([seat.task, error]);
      }
    }
    // Nothing of a task that is refused by now is tried again.
    const failure = failures.find(([task]) => !this.#book.refused.has(task));
    if (failure !== undefined) throw failure[1];
  }

  #next(machine: string, tried: ReadonlySet<string>): Seat | undefined {
    const open = (this.#todo.get(machine) ?? []).filter(
      (seat) => !tried.has(keyOf(seat)) && !this.#book.refused.has(seat.task),
    );
    return open.reduce<Seat | undefined>((a, b) => (a && a.due <= b.due ? a : b), undefined);
  }

  #done(seat: Seat): void {
    this.#book.succeeded(seat.task, seat.unit);
    const rest = [...this.#todo].map(
      ([machine, seats]) => [machine, seats.filter((other) => keyOf(other) !== keyOf(seat))] as const,
    );
    this.#todo = new Map(rest);
  }

  async #compute(device: Device, seat: Seat, { signal, block }: DutyContext): Promise<void> {
    const { task, unit, due } = seat;
    const known = await openingOf(this.#agent, seat);
    if (known !== undefined && (await this.#results.has(task, known.result))) return;
    const opened = await this.#book.open(task, signal);
    const left = Number(this.#slotMs()) * Math.max(1, due - block);
    const bytes = await unitResult(device, opened, unit, { signal, timeoutMs: Math.min(left, maxUnitMs) });
    const result = toHex(resultHash(bytes));
    // What was committed to stays. Before that, the hash is in the journal before the result is on the disk, where all that
    // the journal does not name may be shown to others.
    if (known?.result !== result && !seat.committed)
      await keepOpening(this.#agent, seat, { result, salt: toHex(randomBytes(32)) });
    await this.#results.keep(task, result, bytes);
    this.#agent.log.info("drilled", { task, unit, result });
  }
}

/** Longest run of one unit. */
const maxUnitMs = 3_600_000;

const keyOf = ({ task, unit }: Pick<Seat, "task" | "unit">): string => `${task}/${unit}`;
