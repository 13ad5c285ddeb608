/** The events of an order, in sentences for its buyer. */
import type { FinalBlock } from "../../client/final-blocks.ts";
import { addressOf } from "./account.ts";
import { amountText } from "./amount.ts";

/** What the sentences need; each event has some of it. */
interface Facts {
  readonly order: number;
  readonly trainer: Uint8Array;
  readonly price: bigint;
  readonly index: number;
  readonly step: number;
  readonly loss: bigint;
  readonly inspectors: readonly Uint8Array[];
  readonly inspector: Uint8Array;
  readonly verdict: { readonly ruling: string };
  readonly rule: string;
  readonly value: bigint;
  readonly threshold: bigint;
  readonly fault: string;
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly penalty: bigint;
  readonly to_buyer: bigint;
  readonly votes: number;
  readonly seats: number;
}

const part = (value: bigint): string => String(Number(value) / 1e9);

const sentences: Readonly<Record<string, (facts: Facts) => string>> = {
  BidPlaced: ({ trainer, price }) => `${addressOf(trainer)} bids ${amountText(price)}`,
  OrderAccepted: ({ trainer, price }) => `${addressOf(trainer)} has it, for ${amountText(price)}`,
  SeedDrawn: () => "the seed of the training is drawn",
  TrainingStarted: () => "training has begun",
  CheckpointAnchored: ({ index, step, loss }) => `checkpoint ${index} at step ${step}, loss ${part(loss)}`,
  OrderStopped: ({ step }) => `stopped: the trainer may prove what it did up to step ${step}`,
  ProofSubmitted: () => "the proof is submitted",
  InspectorsDrawn: ({ inspectors }) => `inspectors are drawn: ${inspectors.map(addressOf).join(", ")}`,
  VerdictRevealed: ({ inspector, verdict }) => `${addressOf(inspector)} says: ${verdict.ruling}`,
  PanelSplit: () => "the inspectors disagree: others are drawn",
  ProofAccepted: ({ votes, seats }) => `the proof is accepted by ${votes} of ${seats}`,
  ProofRejected: ({ rule, value, threshold, votes, seats }) =>
    `the proof is rejected by ${votes} of ${seats}: ${rule} is ${part(value)}, the threshold ${part(threshold)}`,
  FaultFound: ({ fault, votes, seats }) => `${votes} of ${seats} find a fault of the buyer's: ${fault}`,
  FaultDenied: ({ votes, seats }) => `${votes} of ${seats} find no fault of the buyer's`,
  Appealed: () => "appealed: five others judge",
  OrderCompleted: ({ paid }) => `completed: ${amountText(paid)} paid to the trainer`,
  OrderRejected: ({ refunded, to_buyer }) =>
    `rejected: ${amountText(refunded)} refunded, and ${amountText(to_buyer)} of the trainer's bond`,
  OrderExpired: ({ refunded, penalty }) =>
    `expired: ${amountText(refunded)} refunded, and ${amountText(penalty)} of the trainer's bond`,
  OrderCanceled: ({ paid, refunded }) =>
    `cancelled: ${amountText(paid)} paid, ${amountText(refunded)} refunded`,
  OrderDeclined: ({ refunded }) => `declined: ${amountText(refunded)} refunded`,
  OrderInconclusive: ({ refunded }) => `inconclusive: ${amountText(refunded)} refunded`,
  OrderFaulted: ({ paid, refunded }) => `faulted: ${amountText(paid)} paid, ${amountText(refunded)} refunded`,
};

/** A line for each event of a block that tells of the order. */
export const eventLines = (id: number, events: FinalBlock["events"]): string[] =>
  events.flatMap(({ event: { type, value } }) => {
    if (type !== "Marketplace" && type !== "ProofOfTraining") return [];
    const facts = value.value as Facts;
    const say = Object.hasOwn(sentences, value.type) ? sentences[value.type] : undefined;
    return facts.order === id && say ? [say(facts)] : [];
  });
