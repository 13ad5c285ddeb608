/** What became of a task, from the events of its blocks: enough to say of every unit who found what, where, and why. */
import type { FinalBlock } from "../../client/final-blocks.ts";

/** A unit that has a result. */
export interface UnitAgreement {
  readonly result: Uint8Array;
  readonly round: number;
  /** How it became the result: all members, most of the last two rounds, or one who is trusted. */
  readonly basis: string;
  readonly trainers: readonly Uint8Array[];
  /** Credited to each of them, in uut. */
  readonly work: bigint;
  /** Where that is told. */
  readonly block: number;
  readonly extrinsic: number | undefined;
}

export interface UnitHistory {
  agreed?: UnitAgreement;
  /** Why it ended without a result. */
  closed?: string;
  /** Whether the project's own answer was the same, where it opened one. */
  canary?: boolean;
  /** Whoever revealed this result in any round, though not credited. */
  readonly revealed: Map<string, Uint8Array[]>;
}

/** How a task ended. */
export interface TaskEnd {
  readonly state: "Rejected" | "Closed";
  /** What returned to its owner, in the smallest unit of the token. */
  readonly refunded: bigint;
  readonly agreed: number;
  readonly failed: number;
}

export interface TaskHistory {
  state: "Voting" | "Active" | "Closing" | TaskEnd["state"];
  ayes: bigint;
  nays: bigint;
  readonly units: Map<number, UnitHistory>;
  end?: TaskEnd;
}

export const emptyHistory = (): TaskHistory => ({ state: "Voting", ayes: 0n, nays: 0n, units: new Map() });

/** Facts of the drilling pallet's events; each has some. */
interface Facts {
  readonly task: number;
  readonly unit: number;
  readonly trainer: Uint8Array;
  readonly trainers: readonly Uint8Array[];
  readonly result: Uint8Array;
  readonly round: number;
  readonly basis: string;
  readonly work: bigint;
  readonly reason: string;
  readonly held: boolean;
  readonly ayes: bigint;
  readonly nays: bigint;
  readonly refunded: bigint;
  readonly agreed?: number;
  readonly failed?: number;
}

type Where = Pick<UnitAgreement, "block" | "extrinsic">;
type Note = (history: TaskHistory, facts: Facts, where: Where) => void;

const over =
  (state: TaskEnd["state"]): Note =>
  (history, { refunded, agreed = 0, failed = 0 }) => {
    history.state = state;
    history.end = { state, refunded, agreed, failed };
  };

const notes: Readonly<Record<string, Note>> = {
  TaskVoted: (history, { ayes, nays }) => Object.assign(history, { ayes, nays }),
  TaskApproved: (history) => Object.assign(history, { state: "Active" }),
  TaskRejected: over("Rejected"),
  TaskClosing: (history) => Object.assign(history, { state: "Closing" }),
  TaskClosed: over("Closed"),
  QuorumFormed: (history, { unit }) => void unitOf(history, unit),
  ResultRevealed: (history, { unit, trainer, result }) => {
    const { revealed } = unitOf(history, unit);
    const key = Buffer.from(result).toString("hex");
    revealed.set(key, [...(revealed.get(key) ?? []), trainer]);
  },
  UnitAgreed: (history, { unit, result, round, basis, trainers, work }, where) => {
    unitOf(history, unit).agreed = { result, round, basis, trainers, work, ...where };
  },
  CanaryOpened: (history, { unit, held }) => {
    const found = unitOf(history, unit);
    found.canary = held;
    if (!held) delete found.agreed;
  },
  UnitClosed: (history, { unit, reason }) => {
    const found = unitOf(history, unit);
    found.closed = reason;
    delete found.agreed;
  },
};

/** Takes what a block tells of the task into its history. */
export function takeBlock(history: TaskHistory, task: number, { number, events }: FinalBlock): void {
  for (const { event, phase } of events) {
    if (event.type !== "Drilling") continue;
    const facts = event.value.value as Facts;
    const note = Object.hasOwn(notes, event.value.type) ? notes[event.value.type] : undefined;
    if (facts.task !== task || note === undefined) continue;
    note(history, facts, {
      block: number,
      extrinsic: phase.type === "ApplyExtrinsic" ? phase.value : undefined,
    });
  }
}

function unitOf(history: TaskHistory, unit: number): UnitHistory {
  const known = history.units.get(unit) ?? { revealed: new Map() };
  history.units.set(unit, known);
  return known;
}
