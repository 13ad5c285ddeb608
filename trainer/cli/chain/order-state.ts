/** How an order stands, in sentences. */
import { type Outcome, waits } from "../../../pallets/marketplace/index.ts";
import type { OrderDetails } from "../../client/queries.ts";
import { exitCode } from "../run-command.ts";
import { durationText } from "../terminal.ts";

type Order = NonNullable<OrderDetails["info"]["order"]>;
type Anchor = OrderDetails["info"]["anchors"][number];

/** Losses on the chain count in 10^-9. */
const lossUnit = 1e9;

/** What the state waits for, and until when; `leftMs` is how long that is from now. */
export function stateText(
  { state, deadline, bids }: Pick<Order, "state" | "deadline"> & { bids: number },
  leftMs?: number,
): string {
  const bidText = state === "Placed" && bids > 0 ? `, ${bids} bids so far` : "";
  const leftText = leftMs === undefined ? "" : ` (in about ${durationText(leftMs)})`;
  return `${state}: waits for ${waits[state].for}, until block ${deadline}${leftText} at the latest${bidText}`;
}

/** What an end means for the buyer. */
export const outcomeText: Readonly<Record<Outcome, string>> = {
  Completed: "completed: the proof stands, the trainer is paid, and the model is yours",
  Rejected: "rejected: the proof was false; you have your money back, and half of the trainer's bond",
  Inconclusive: "inconclusive: inspectors came to no majority; you have the price back",
  Cancelled: "cancelled: what was not trained and proved is refunded",
  Expired: "expired: a deadline passed; you have your money back",
  Declined: "declined by the trainer; you have your money back",
  Faulted: "ended by a fault in model, data or addresses: the inspectors were paid, the rest is refunded",
};

/** What is left of an order that ended while it was trained; nothing of others. */
export function leftLines({ id, ended }: Pick<OrderDetails["info"], "id" | "ended">): string[] {
  if (ended?.outcome !== "Expired" || !ended.last || ended.last.index === 0) return [];
  const { index, step } = ended.last;
  return [
    `its trainer has anchored checkpoint ${index} of step ${step} and handed in no proof`,
    `see what it has stored of that with: matrixai order fetch ${id}`,
    `order the steps that are left with: matrixai order place JOB --continues ${id}`,
  ];
}

/** What `watch` ends with. */
export const exitCodeOf = (outcome: Outcome): number =>
  outcome === "Completed" ? exitCode.ok : outcome === "Rejected" ? exitCode.rejected : exitCode.unfulfilled;

/** The mean loss of a checkpoint. */
export const lossOf = ({ loss }: Anchor): number => Number(loss) / lossUnit;

/** How long the rest of the training takes at the pace so far; undefined before there is a pace. */
export function etaMs(
  anchors: readonly Anchor[],
  steps: number,
  block: number,
  slotMs: number,
): number | undefined {
  const [first, last] = [anchors[0], anchors.at(-1)];
  if (first === undefined || last === undefined || last.step === first.step) return undefined;
  const blocksPerStep = (last.block - first.block) / (last.step - first.step);
  return Math.max(0, (last.block + (steps - last.step) * blocksPerStep - block) * slotMs);
}

/** Values as a line of bars, the newest to the right; at most `width`. */
export function curve(values: readonly number[], width = 24): string {
  const shown = values.slice(-width).filter(Number.isFinite);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const bars = "▁▂▃▄▅▆▇█";
  const height = (value: number) =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (bars.length - 1));
  return shown.map((value) => bars[height(value)]).join("");
}

/** What stands behind the bar: state, loss and its curve, time left. */
export function detailText(
  { state, spec }: Order,
  anchors: readonly Anchor[],
  block: number,
  slotMs: number,
): string {
  const last = anchors.at(-1);
  const left = state === "Training" ? etaMs(anchors, spec.steps, block, slotMs) : undefined;
  return [
    state,
    ...(last ? [`loss ${lossOf(last).toPrecision(4)} ${curve(anchors.map(lossOf))}`] : []),
    ...(left === undefined ? [] : [`about ${durationText(left)} left`]),
  ].join(", ");
}
