import { accountId, hash } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { boundedBytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { bool, u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { machineId } from "../machines/index.ts";
import { liveStates, outcomes } from "./states.ts";
import { thresholds } from "./thresholds.ts";

export const account = alias(accountId, "T::AccountId");
export const amount = alias(u128, "BalanceOf<T>");
export const blockField = alias(u32, "BlockNumberFor<T>");
export const orderId = alias(u32, "OrderId");

/** Longest address of a manifest or a package, in bytes. */
export const maxUri = 512;
export const uri = boundedBytes(maxUri);

export const liveState = unitEnum("pallet_marketplace::OrderState", liveStates);
export const outcome = unitEnum("pallet_marketplace::Outcome", outcomes);

/** On what terms a machine is for hire. */
export const terms = struct("pallet_marketplace::Terms", {
  /** Of 10^6 uut, in the smallest unit of the token. */
  price_per_ut: u128,
  /** The longest training window that is accepted, in blocks. */
  longest: u32,
  /** Free for a job, in MiB. */
  disk: u32,
});
export type Terms = Value<typeof terms>;

export const offer = struct("pallet_marketplace::Offer", { trainer: accountId, terms });
export type Offer = Value<typeof offer>;

/** Whether inspectors may read the validation data at any time, or get it from the buyer after the proof. */
const validation = unitEnum("pallet_marketplace::Validation", ["Public", "Released"]);

/** What a buyer orders. */
export const orderSpec = struct("pallet_marketplace::OrderSpec", {
  /** A machine that is on offer; none opens the order to bids. */
  machine: option(machineId),
  /** BLAKE2b-256 of the canonical job manifest, and where it lies. */
  manifest: hash,
  manifest_uri: uri,
  /** Of the whole training, by the canonical counter. */
  flop: u128,
  /** Optimiser steps of the whole training, and checkpoints after the first. */
  steps: u32,
  checkpoints: u32,
  /** What the job takes on the trainer's disk, in MiB. */
  disk: u32,
  /** The most that the training may cost, inspection fee aside. */
  price_limit: u128,
  /** How many inspectors judge the proof; odd. */
  inspectors: u8,
  /** What they share. */
  inspection_fee: u128,
  /** Blocks in which a trainer must be found, and in which it must submit its proof once it has accepted. */
  accept_within: u32,
  train_within: u32,
  /** None means the defaults, which are a constant. */
  thresholds: option(thresholds),
  /** Accuracy to reach on the validation data, in 10^-9. */
  target: u32,
  validation,
  /** An earlier order of the same buyer, whose last anchored checkpoint this training begins with. */
  continues: option(u32),
  /** X25519 key to which results are sealed. */
  recipient: option(fixedBytes(32)),
});
export type OrderSpec = Value<typeof orderSpec>;

/** A checkpoint that a trainer has committed to. */
export const anchor = struct("pallet_marketplace::Anchor", {
  index: u32,
  step: u32,
  link: hash,
  /** Mean loss of the sampled rows, in 10^-9. */
  loss: u64,
  block: u32,
});
export type Anchor = Value<typeof anchor>;

/** The checkpoint of another order that a training begins with. */
export const origin = struct("pallet_marketplace::Origin", { order: u32, index: u32, step: u32, link: hash });
export type Origin = Value<typeof origin>;

/** What is agreed once a trainer has accepted. */
export const deal = struct("pallet_marketplace::Deal", {
  trainer: accountId,
  machine: machineId,
  /** Of the trainer, on hold. */
  bond: u128,
  /** Block of acceptance, and the last in which the proof may be submitted. */
  accepted: u32,
  due: u32,
  /** Of a block after acceptance; with order and trainer it gives the seed of the training. */
  randomness: option(hash),
  /** When training started, in milliseconds since 1970. */
  started: option(u64),
  /** The trainer's X25519 key when it accepted: to it the buyer seals the key of its data. */
  sealing_key: option(fixedBytes(32)),
});
export type Deal = Value<typeof deal>;

export const order = struct("pallet_marketplace::Order", {
  buyer: accountId,
  spec: orderSpec,
  state: liveState,
  /** The last block in which the parties may act in this state. */
  deadline: u32,
  /** On hold from the buyer: the limit while open to bids, then what is agreed. */
  price: u128,
  placed: u32,
  origin: option(origin),
  deal: option(deal),
  /** The buyer has cancelled while it was trained: what was anchored is to be proved and paid. */
  stopped: bool,
});
export type Order = Value<typeof order>;

export const bid = struct("pallet_marketplace::Bid", {
  trainer: accountId,
  machine: machineId,
  price: u128,
  /** On hold while the bid stands. */
  bond: u128,
});
export type Bid = Value<typeof bid>;

/** What a key that was released opens: the training data, the validation data, or the proof package. */
export const keyPurpose = unitEnum("pallet_marketplace::KeyPurpose", [
  "TrainingData",
  "ValidationData",
  "Package",
]);
export type KeyPurpose = Value<typeof keyPurpose>;

/** A secret key of 32 bytes sealed to one recipient: an ephemeral key, the ciphertext and its tag. */
export const keyEnvelope = fixedBytes(80);

/** What is kept for a time of an order that is over. */
export const ended = struct("pallet_marketplace::EndedOrder", {
  buyer: accountId,
  trainer: option(accountId),
  manifest: hash,
  outcome,
  ended: u32,
  /** Forgotten in this block. */
  until: u32,
  /** The last checkpoint that was committed to. */
  last: option(anchor),
});

/** What an inspector is paid from. */
export const inspectionSource = unitEnum("pallet_marketplace::InspectionSource", [
  "Fee",
  "OrderBond",
  "AppealBond",
]);

/** How the orders of a machine or a trainer went. */
export const record = struct("pallet_marketplace::Record", {
  accepted: u32,
  completed: u32,
  /** Proofs that were rejected. */
  failed: u32,
  /** Deadlines missed; all that were completed were on time. */
  late: u32,
  /** Ended without anybody's merit or fault of the trainer's: cancelled, inconclusive, the buyer's fault. */
  void: u32,
  /** Inspected work, in uut. */
  work: u128,
});
export type TrackRecord = Value<typeof record>;
export const noRecord: TrackRecord = { accepted: 0, completed: 0, failed: 0, late: 0, void: 0, work: 0n };

/** Sums over the market, all orders ever unless told. */
export const statistics = struct("pallet_marketplace::Statistics", {
  /** Orders in these states now. */
  placed: u32,
  training: u32,
  inspecting: u32,
  /** How orders ended. */
  completed: u32,
  rejected: u32,
  inconclusive: u32,
  cancelled: u32,
  expired: u32,
  declined: u32,
  faulted: u32,
  /** Paid to trainers and to inspectors, and burned, in the smallest unit of the token. */
  paid: u128,
  inspected: u128,
  burned: u128,
  /** Inspected work, in uut. */
  work: u128,
});
export type Statistics = Value<typeof statistics>;
