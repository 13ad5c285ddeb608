/** What the drilling pallet keeps: projects, tasks, units, and those who ask for work. */
import { accountId } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { boundedBytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { record as fields, unit as nothing, struct } from "../../runtime/primitives/codec-struct.ts";
import { option, tagged, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { machineId } from "../machines/index.ts";
import { taskStates, unitStates } from "./states.ts";

export const maxUri = 256;
export const maxQuorum = 7;
export const maxCanaries = 1_000;
/** Tasks that a trainer may refuse. */
export const maxRefused = 32;

const hash = fixedBytes(32);
const path = (name: string): string => `pallet_drilling::${name}`;

/** Where something lies, and the hash (of a manifest: the Merkle root) that says it is that. */
const resource = struct(path("Resource"), { hash, uri: boundedBytes(maxUri) });

/** How results become bytes before they are hashed. */
const resultRule = tagged(path("ResultRule"), {
  Integers: nothing,
  Labels: nothing,
  /** Floats are rounded to multiples of this, in units of 10^-12. */
  Quantised: fields({ quantum: u128 }),
});

/** For how many blocks after agreement the project may open answers that it had committed to. */
const canaryTerms = struct(path("CanaryTerms"), { commitments: boundedVec(hash, maxCanaries), window: u32 });

const termFields = {
  units: u32,
  /** Of each unit, in uut. */
  difficulty: u128,
  quorum: u8,
  /** To each member for each unit. */
  reward: u128,
  /** In blocks. */
  commit_window: u32,
  reveal_window: u32,
};
export const taskFiles = struct(path("TaskFiles"), { model: resource, inputs: resource, rule: resultRule });

/** What a project publishes. */
export const taskSpec = struct(path("TaskSpec"), {
  model: resource,
  inputs: resource,
  rule: resultRule,
  ...termFields,
  canaries: option(canaryTerms),
});
export type TaskSpec = Value<typeof taskSpec>;

export const project = struct(path("Project"), {
  owner: accountId,
  name: boundedBytes(64),
  uri: boundedBytes(maxUri),
  /** What is left of it on hold. */
  deposit: u128,
  /** Tasks that have not ended. */
  tasks: u32,
});
export type Project = Value<typeof project>;

export const task = struct(path("Task"), {
  project: u32,
  owner: accountId,
  state: unitEnum(path("TaskState"), taskStates),
  ...termFields,
  canary_window: option(u32),
  /** What a unit is worth in tokens, by which bonds and compensations are measured. */
  value: u128,
  /** On hold of the owner: for rewards not paid yet, and for the task itself. */
  budget: u128,
  deposit: u128,
  /** Units given out so far: those below this number. */
  next: u32,
  /** Units that are stored. */
  open: u32,
  agreed: u32,
  failed: u32,
  /** The block in which the vote closes. */
  vote_ends: u32,
  ayes: u128,
  nays: u128,
});
export type Task = Value<typeof task>;

export const ballot = struct(path("Ballot"), { aye: bool, weight: u128 });

const seatFields = {
  trainer: accountId,
  machine: machineId,
  bond: u128,
  /** In milliseconds since 1970: when it got the unit, and when it committed. */
  seated: u64,
  committed: u64,
  commitment: option(hash),
  result: option(hash),
};
const seat = struct(path("Seat"), seatFields);
export type Seat = Value<typeof seat>;

/** Why a result of an earlier round waits for the truth. */
const standing = unitEnum(path("Standing"), [
  /** Others of its round found something else. */
  "Disputed",
  /** The others of its round did not reveal. */
  "Void",
  /** One trusted alone, drawn for an audit. */
  "Audited",
  /** Agreed on, but the project had committed to another answer. */
  "Accused",
]);
export type Standing = Value<typeof standing>;
const pastSeat = struct(path("PastSeat"), { ...seatFields, round: u8, standing });
export type PastSeat = Value<typeof pastSeat>;

// Seven accused, and three rounds of seven after them.
const maxPast = 4 * maxQuorum;
/** Bonds that there may be in one unit. */
export const maxSeats = maxPast + maxQuorum;

export const unit = struct(path("Unit"), {
  state: unitEnum(path("UnitState"), unitStates),
  /** From 1. */
  round: u8,
  /** The last that there may be. */
  last_round: u8,
  /** How many members this round has, or is to have. */
  size: u8,
  /** The block in which the chain moves it on, if nobody does before. */
  due: u32,
  /** Whether this window was extended, because more than half were silent. */
  extended: bool,
  seats: boundedVec(seat, maxQuorum),
  past: boundedVec(pastSeat, maxPast),
  /** The answer of the canary that doubts this unit. */
  canary: option(hash),
});
export type Unit = Value<typeof unit>;

/** Somebody who waits for work. */
export const asker = struct(path("Asker"), {
  trainer: accountId,
  machine: machineId,
  /** Units that it still wants. */
  left: u8,
  weight: u128,
});
export type Asker = Value<typeof asker>;

/** What the chain remembers of who drills. */
export const record = struct(path("Record"), {
  /** Valid results in a row. */
  streak: u32,
  /** No requests before this block. */
  rests_until: u32,
  /** Bonds that it has on hold. */
  seats: u32,
});

/** What a trainer does not want to be given, and where its results lie. */
export const preferences = struct(path("Preferences"), {
  /** The highest bond for a unit. */
  max_bond: u128,
  refused_tasks: boundedVec(u32, maxRefused),
  /** The address under which its results are found by their hashes. */
  results: option(boundedBytes(maxUri)),
});
export type Preferences = Value<typeof preferences>;

/** What falls due: a task's vote, or a unit. */
export const duty = struct(path("Duty"), { task: u32, unit: option(u32) });
export type Duty = Value<typeof duty>;
