/** When an agent asks for work, and for how much: what nothing else keeps its machines from, and its funds allow. */
import { bondFor, constants, type Task } from "../../../pallets/drilling/index.ts";
import type { DrillingOptions } from "../options.ts";
import { type Pace, unitsInWindow } from "./capacity.ts";

/** A machine of this agent's that could take units. */
export interface Free {
  readonly id: Uint8Array;
  /** In uut per day. */
  readonly measured: bigint;
  /** Units that it has been given and not committed to. */
  readonly units: number;
}

export interface Situation {
  /** Machines that are available and that nothing else keeps busy. */
  readonly free: readonly Free[];
  /** Active tasks that are neither refused nor unknown. */
  readonly tasks: readonly Task[];
  /** Bonds of units on hold. */
  readonly seats: number;
  /** Tokens that may be put on hold for bonds, in the smallest unit. */
  readonly funds: bigint;
  readonly options: Pick<DrillingOptions, "units" | "maxBond">;
  readonly pace: Omit<Pace, "measured">;
}

export interface Ask {
  readonly machine: Uint8Array;
  readonly units: number;
}

/** What to ask for now: for the machine with the least to do, when half of what it may have is done. */
export function askFor({ free, tasks, seats, funds, options, pace }: Situation): Ask | undefined {
  const machine = free.reduce<Free | undefined>((a, b) => (a && a.units <= b.units ? a : b), undefined);
  if (machine === undefined || tasks.length === 0) return undefined;
  const { units, id, measured } = machine;
  // Any of the tasks may be what comes, so the one that takes longest and the one that costs most count.
  const inTime = Math.min(...tasks.map((task) => unitsInWindow(task, { ...pace, measured })));
  const most = Math.min(options.units, inTime);
  const affordable = Number(funds / highestBond(tasks));
  const wanted = Math.min(most - units, constants.MaxSeats - seats, affordable);
  const isWorthwhile = units * 2 <= most;
  return isWorthwhile && wanted > 0 ? { machine: id, units: wanted } : undefined;
}

/** The highest bond of a unit among tasks, for one who is not trusted alone, in the smallest unit of the token. */
export const highestBond = (tasks: readonly Task[]): bigint =>
  tasks.map(({ value, quorum }) => bondFor(value, quorum)).reduce((a, b) => (a > b ? a : b));
