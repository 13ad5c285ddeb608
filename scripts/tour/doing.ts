import type { Explanation } from "../../trainer/client/queries.ts";

type Duties = Explanation["duties"];

const challengeWords: Readonly<Record<string, string>> = {
  Queued: "waits to be measured",
  Issued: "is being measured",
  Committed: "has computed its products",
  Drawn: "opens its products",
};

const orderWords: Readonly<Record<string, string>> = {
  Accepted: "prepares",
  Training: "trains",
  Stopping: "proves its part of",
  ProofSubmitted: "has proved",
  Inspecting: "has proved",
  Judged: "waits to be paid for",
  Appealed: "is judged again for",
};

/** What a trainer does as of a block, in a few words: what it owes to others first. */
export function doing({ stake, machines, duties, drilling }: Explanation): string {
  if (stake === undefined) return "is no trainer";
  const parts = [
    ...duties.challenges.map(({ state }) => challengeWords[state] ?? state),
    ...duties.orders.map(({ order, state }) => `${orderWords[state] ?? state} order ${order}`),
    ...duties.inspections.map(inspecting),
    ...drillingParts(duties.units),
  ];
  if (parts.length > 0) return parts.join(", ");
  if (machines.length === 0) return "starts";
  if (machines.every(({ available }) => !available)) return "its machine is not available";
  return drilling.asking ? "asks for work" : "waits for orders";
}

function inspecting({ order, phase, committed, revealed }: Duties["inspections"][number]): string {
  if (revealed) return `has judged order ${order}`;
  if (committed) return `knows its verdict on order ${order}`;
  return phase === "Committing" ? `inspects order ${order}` : `is silent on order ${order}`;
}

/** A unit is named; of many only their number is told. */
function drillingParts(units: Duties["units"]): string[] {
  const open = units.filter(({ revealed }) => !revealed);
  const [unit] = open;
  if (unit === undefined) return [];
  if (open.length > 1) return [`drills ${open.length} units of task ${unit.task}`];
  return [`drills unit ${unit.unit} of task ${unit.task}`];
}
