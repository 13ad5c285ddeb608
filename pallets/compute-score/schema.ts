import { constant } from "../../runtime/frame/constant.ts";
import { blake2Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { map } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { u8, u32, u64, u128, u256 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { tagged, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { halfLifeMs } from "./decay.ts";
import { docs } from "./docs.ts";

/** Drilling and training are scored apart. */
export const kinds = ["Drilling", "Training"] as const;
const kind = unitEnum("pallet_compute_score::Kind", kinds);
export type Kind = Value<typeof kind>;

/** Where a trainer's entry holds the score of a kind. */
export const fieldOf = { Drilling: "drilling", Training: "training" } as const;

/** What was worked on: a drilling task or a training order, by number. */
const source = tagged("pallet_compute_score::Source", { Task: u32, Order: u32 });
export type Source = Value<typeof source>;

const score = struct("pallet_compute_score::Score", {
  total: u128,
  effective: u256,
  updated: u64,
});
export type Score = Value<typeof score>;
const noScore: Score = { total: 0n, effective: 0n, updated: 0n };

// One entry for both kinds: whoever needs one for a weight needs the other.
const scores = struct("pallet_compute_score::Scores", { drilling: score, training: score });

const account = alias(accountId, "T::AccountId");
const moment = alias(u64, "T::Moment");

const self = schema("ComputeScore", {
  docs,
  storage: {
    Scores: map(blake2Concat(accountId), scores, { drilling: noScore, training: noScore }),
  },
  events: {
    ScoreStarted: { trainer: account, kind, effective: u128, at: moment },
    Credited: {
      trainer: account,
      kind,
      work: u128,
      start: moment,
      end: moment,
      source,
      effective: u128,
      at: moment,
    },
  },
  errors: {
    ImpossibleInterval: "The work ends before it starts, or in the future.",
    TotalOverflow: "No trainer's total can be this large.",
  },
  constants: {
    HalfLife: constant(u64, halfLifeMs),
    MinInterval: constant(u64, 1_000n),
    UutPerUt: constant(u32, 1_000_000),
    FlopPerUut: constant(u32, 432_000),
    DrillingShare: constant(u8, 4),
    TrainingShare: constant(u8, 6),
    MaxGenesisScores: constant(u32, 1_000),
    /** 2^64 uut per day are 92 EFLOPS, day and night. */
    MaxGenesisScore: constant(u128, 1n << 64n),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;
