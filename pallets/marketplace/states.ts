/**
 * The life of an order as data: the code asks this table what may follow, and `docs/states.md` is written from it.
 * Pure facts, no storage.
 */

/** The states of an order that is not over. */
export const liveStates = [
  "Placed",
  "Accepted",
  "Training",
  "Stopping",
  "ProofSubmitted",
  "Inspecting",
  "Judged",
  "Appealed",
] as const;
export type LiveState = (typeof liveStates)[number];

/** How an order may end. */
export const outcomes = [
  "Completed",
  "Rejected",
  "Inconclusive",
  "Cancelled",
  "Expired",
  "Declined",
  "Faulted",
] as const;
export type Outcome = (typeof outcomes)[number];

/** What each state waits for, until when, and which pallet settles it then. */
export const waits: Readonly<
  Record<LiveState, { readonly pallet: Owner; readonly for: string; readonly until: string }>
> = {
  Placed: { pallet: "Marketplace", for: "a trainer", until: "`accept_within` blocks after it was placed" },
  Accepted: {
    pallet: "Marketplace",
    for: "the trainer to start",
    until:
      "a `TrainingShare`th of the training window after acceptance, at least `MinSilence` blocks, at most the training deadline",
  },
  Training: {
    pallet: "Marketplace",
    for: "the next anchor or the proof",
    until:
      "a `TrainingShare`th of the training window after the last anchor, at least `MinSilence` blocks, at most the training deadline",
  },
  Stopping: {
    pallet: "Marketplace",
    for: "the proof of what was anchored before the buyer cancelled",
    until: "`StopWindow` blocks after the cancellation",
  },
  ProofSubmitted: {
    pallet: "ProofOfTraining",
    for: "randomness that nobody knew when the proof was submitted, and inspectors",
    until:
      "`DrawDelay` blocks after the proof; once again after the inspection window where nobody can inspect",
  },
  Inspecting: {
    pallet: "ProofOfTraining",
    for: "the inspectors' commitments, then their verdicts",
    until:
      "the inspection window after the draw, then `RevealWindow`; each extended once when more than half are silent",
  },
  Judged: { pallet: "ProofOfTraining", for: "an appeal", until: "`AppealWindow` blocks after the verdict" },
  Appealed: {
    pallet: "ProofOfTraining",
    for: "five fresh inspectors",
    until: "as in ProofSubmitted and Inspecting",
  },
};
type Owner = "Marketplace" | "ProofOfTraining";

/** One step of an order: why it happens, and where the money goes. */
export interface Transition {
  readonly from: LiveState | "new";
  readonly to: LiveState | Outcome;
  /** A call, or `deadline`, `verdict` where the chain takes the step itself. */
  readonly by: string;
  readonly money: string;
}

const held = "stays on hold";

export const transitions: readonly Transition[] = [
  step("new", "Placed", "place_order", "price and inspection fee of the buyer go on hold"),
  step("Placed", "Accepted", "accept_order", "the trainer's order bond goes on hold"),
  step(
    "Placed",
    "Accepted",
    "take_bid",
    "what the bid is below the limit returns to the buyer; the other bids' bonds return",
  ),
  step("Placed", "Declined", "decline_order", "price and fee return to the buyer"),
  step(
    "Placed",
    "Cancelled",
    "cancel_order",
    "price and fee return to the buyer, bids' bonds to the bidders",
  ),
  step("Placed", "Expired", "deadline", "price and fee return to the buyer, bids' bonds to the bidders"),
  step("Accepted", "Training", "start", held),
  step("Accepted", "Cancelled", "cancel_order", "price and fee return to the buyer, the bond to the trainer"),
  step("Accepted", "ProofSubmitted", "submit_proof", `${held}; only a fault of the buyer's can be claimed`),
  step(
    "Accepted",
    "Expired",
    "deadline",
    "price and fee return to the buyer, who gets 10 % of the bond; 90 % return to the trainer",
  ),
  step("Training", "Training", "anchor", held),
  step("Training", "Stopping", "cancel_order", held),
  step(
    "Training",
    "Cancelled",
    "cancel_order",
    "nothing was anchored after the start: price and fee return to the buyer, the bond to the trainer",
  ),
  step("Training", "ProofSubmitted", "submit_proof", held),
  step(
    "Training",
    "Expired",
    "deadline",
    "price and fee return to the buyer, who gets 10 % of the bond; 90 % return to the trainer",
  ),
  step("Stopping", "ProofSubmitted", "submit_proof", held),
  step("Stopping", "Cancelled", "deadline", "price and fee return to the buyer, the bond to the trainer"),
  step("ProofSubmitted", "Inspecting", "deadline", "the inspectors' bonds go on hold"),
  step("ProofSubmitted", "Inconclusive", "deadline", "nobody can inspect: all return"),
  step(
    "Inspecting",
    "Inspecting",
    "verdict",
    "no majority: fresh inspectors, whose bonds go on hold; those of the first stay",
  ),
  step("Inspecting", "Judged", "verdict", held),
  step(
    "Inspecting",
    "Inconclusive",
    "verdict",
    "price returns; inspectors who revealed share the fee, the rest of it returns; all bonds return",
  ),
  step("Judged", "Appealed", "appeal", "the appeal bond goes on hold"),
  step(
    "Judged",
    "Completed",
    "deadline",
    "98 % of the price to the trainer, 2 % burned; the fee to the inspectors; the bond returns",
  ),
  step(
    "Judged",
    "Cancelled",
    "deadline",
    "as completed, for the part of the steps that was anchored; the rest returns to the buyer",
  ),
  step(
    "Judged",
    "Rejected",
    "deadline",
    "price and fee return to the buyer; of the bond 50 % to the buyer, 25 % to the inspectors, 25 % burned",
  ),
  step(
    "Judged",
    "Faulted",
    "deadline",
    "the fee to the inspectors; the bond returns; the price for what was anchored when a proof was submitted, the rest to the buyer",
  ),
  step(
    "Judged",
    "Expired",
    "deadline",
    "a claimed fault was none: as a missed deadline; the fee to the inspectors",
  ),
  step("Appealed", "Completed", "verdict", "as from Judged"),
  step("Appealed", "Cancelled", "verdict", "as from Judged"),
  step("Appealed", "Rejected", "verdict", "as from Judged"),
  step("Appealed", "Faulted", "verdict", "as from Judged"),
  step("Appealed", "Expired", "verdict", "as from Judged"),
];

function step(from: Transition["from"], to: Transition["to"], by: string, money: string): Transition {
  return { from, to, by, money };
}

/** Whether an order in this state may take a step for this reason. */
export const mayLeave = (from: LiveState, by: string): boolean =>
  transitions.some((t) => t.from === from && t.by === by);

/** Throws for a step that the table does not have: a mistake in the code, not of a user. */
export function checkStep(from: LiveState, to: LiveState | Outcome, by: string): void {
  if (transitions.some((t) => t.from === from && t.to === to && t.by === by)) return;
  throw new Error(`no order goes from ${from} to ${to} by ${by}`);
}
