import { constant, governed, parameter } from "../../runtime/frame/constant.ts";
import { blake2Concat, identity, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { alias, encode, type Value } from "../../runtime/primitives/codec.ts";
import { boundedBytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { bool, u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { machineId } from "../machines/index.ts";
import { docs } from "./docs.ts";
import { errors as errorTexts } from "./errors.ts";
import {
  asker,
  ballot,
  duty,
  maxCanaries,
  maxQuorum,
  maxUri,
  preferences,
  project,
  record,
  task,
  taskFiles,
  taskSpec,
  unit,
} from "./types.ts";

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");
const block = alias(u32, "BlockNumberFor<T>");
const hash = fixedBytes(32);

const dropReason = unitEnum("pallet_drilling::DropReason", ["CannotWork", "MachineUnavailable"]);
const stage = unitEnum("pallet_drilling::Stage", ["Commit", "Reveal"]);
const basis = unitEnum("pallet_drilling::Basis", ["Unanimity", "Majority", "Trust"]);
export type Basis = Value<typeof basis>;
const reissueReason = unitEnum("pallet_drilling::ReissueReason", [
  "TooFewCommitted",
  "TooFewRevealed",
  "Disagreement",
  "Audit",
  "Canary",
]);
export type ReissueReason = Value<typeof reissueReason>;
const closeReason = unitEnum("pallet_drilling::CloseReason", ["NoTruth", "NobodyAsked"]);
export type CloseReason = Value<typeof closeReason>;
const outcome = unitEnum("pallet_drilling::Outcome", [
  /** Credited and paid with its round. */
  "Agreed",
  /** A later round came to the same result. */
  "Confirmed",
  /** A later round came to another result. */
  "Refuted",
  "NotCommitted",
  "NotRevealed",
  /** Nobody will know. */
  "Undecided",
]);
export type Outcome = Value<typeof outcome>;
const unitOf = { task: u32, unit: u32 };

const self = schema("Drilling", {
  docs,
  holdReasons: ["Deposit", "Budget", "TaskBond"],
  storage: {
    NextProject: value(u32, 0),
    Projects: map(twox64Concat(u32), project),
    NextTask: value(u32, 0),
    CounterForTasks: value(u32, 0),
    Tasks: map(twox64Concat(u32), task),
    Files: map(twox64Concat(u32), taskFiles),
    Canaries: doubleMap(twox64Concat(u32), identity(hash), bool),
    Ballots: doubleMap(twox64Concat(u32), blake2Concat(accountId), ballot),
    ActiveTasks: value(vec(u32), []),
    Units: doubleMap(twox64Concat(u32), twox64Concat(u32), unit),
    Waiting: doubleMap(twox64Concat(u32), twox64Concat(u32), bool),
    Askers: value(vec(asker), []),
    Asking: map(blake2Concat(accountId), bool, false),
    CounterForAskers: value(u32, 0),
    Records: map(blake2Concat(accountId), record, { streak: 0, rests_until: 0, seats: 0 }),
    Preferences: map(blake2Concat(accountId), preferences),
    CreditedWork: map(blake2Concat(accountId), u128, 0n),
    Leftovers: value(vec(u32), []),
    Agenda: doubleMap(twox64Concat(u32), twox64Concat(duty), bool),
    AgendaSince: value(u32),
  },
  events: {
    ProjectRegistered: {
      project: u32,
      owner: account,
      name: boundedBytes(64),
      uri: boundedBytes(maxUri),
      deposit: amount,
    },
    ProjectClosed: { project: u32, owner: account, refunded: amount },
    TaskPublished: {
      task: u32,
      project: u32,
      owner: account,
      spec: taskSpec,
      value: amount,
      budget: amount,
      deposit: amount,
      vote_ends: block,
    },
    TaskVoted: { task: u32, voter: account, aye: bool, weight: u128, ayes: u128, nays: u128 },
    TaskApproved: { task: u32, project: u32, ayes: u128, nays: u128, electorate: u128 },
    TaskRejected: {
      task: u32,
      project: u32,
      owner: account,
      ayes: u128,
      nays: u128,
      electorate: u128,
      refunded: amount,
    },
    TaskClosing: { task: u32, project: u32, owner: account, open: u32 },
    TaskClosed: { task: u32, project: u32, owner: account, agreed: u32, failed: u32, refunded: amount },
    PreferencesSet: { trainer: account, preferences },
    WorkRequested: { trainer: account, machine: machineId, units: u8, weight: u128 },
    RequestWithdrawn: { trainer: account },
    RequestDropped: { trainer: account, machine: machineId, reason: dropReason },
    QuorumFormed: {
      ...unitOf,
      round: u8,
      trainers: vec(accountId),
      machines: vec(machineId),
      bond: amount,
      at: alias(u64, "T::Moment"),
      commit_by: block,
    },
    ResultCommitted: { ...unitOf, trainer: account, commitment: hash },
    RevealOpened: { ...unitOf, trainers: vec(accountId), reveal_by: block },
    ResultRevealed: { ...unitOf, trainer: account, result: hash },
    WindowExtended: { ...unitOf, stage, silent: u8, of: u8, until: block },
    UnitAgreed: { ...unitOf, round: u8, result: hash, basis, trainers: vec(accountId), work: u128 },
    UnitDisagreed: { ...unitOf, round: u8, trainers: vec(accountId), results: vec(hash) },
    UnitReissued: { ...unitOf, round: u8, reason: reissueReason },
    UnitClosed: { ...unitOf, reason: closeReason },
    UnitDone: { ...unitOf, result: hash },
    CanaryOpened: { ...unitOf, result: hash, held: bool, escrowed: amount },
    MemberPaid: { ...unitOf, trainer: account, work: u128, reward: amount },
    SilenceCompensated: { ...unitOf, trainer: account, from: account, amount },
    SeatSettled: {
      ...unitOf,
      trainer: account,
      outcome,
      compensated: amount,
      from_project: amount,
      returned: amount,
      taken: amount,
    },
  },
  errors: errorTexts,
  constants: {
    ProjectDeposit: parameter(u128, 10_000_000_000_000n),
    TaskDeposit: parameter(u128, 1_000_000_000_000n),
    VoteWindow: parameter(u32, 14_400),
    ApprovalShare: governed(u32, 100_000, 10_000, 500_000),
    UtValue: governed(u128, 100_000_000n, 1n, 1_000_000_000_000n),
    WaitWindow: constant(u32, 14_400),
    MinWindow: constant(u32, 2),
    MaxWindow: constant(u32, 14_400),
    MaxTasks: constant(u32, 1_000),
    MaxUnits: constant(u32, 1_000_000),
    MaxDifficulty: constant(u128, 1n << 64n),
    MaxReward: constant(u128, 1_000_000_000_000_000_000n),
    MinQuorum: constant(u8, 2),
    MaxQuorum: constant(u8, maxQuorum),
    MaxRounds: constant(u8, 3),
    MinDisputeQuorum: constant(u8, 3),
    MaxCanaries: constant(u32, maxCanaries),
    MaxCanaryShare: constant(u32, 20_000),
    BondShare: constant(u32, 1_500_000),
    NotRevealedSlash: constant(u32, 250_000),
    DisputeFee: constant(u128, 10_000_000_000n),
    TrustedAfter: constant(u32, 10),
    AuditRate: constant(u32, 50_000),
    RestBlocks: constant(u32, 100),
    BaseWeight: constant(u128, 1_000_000n),
    MaxAskers: constant(u32, 1_024),
    MaxUnitsPerRequest: constant(u8, 64),
    MaxSeats: constant(u32, 256),
    MaxQuorumsPerBlock: constant(u32, 32),
    MaxSourcesPerBlock: constant(u32, 32),
    MaxWaitingPerSource: constant(u32, 8),
    MaxDrawsPerBlock: constant(u32, 256),
    MaxDuePerBlock: constant(u32, 64),
    MaxSweepPerBlock: constant(u32, 64),
    MaxCreditedPage: constant(u32, 128),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

export const agenda = { entries: storage.Agenda, since: storage.AgendaSince };

/** Why the pallet holds funds: of projects for registering and publishing, for their tasks' rewards; of members for a unit. */
export const depositReason = { type: "Drilling", value: "Deposit" } as const;
export const budgetReason = { type: "Drilling", value: "Budget" } as const;
export const taskBondReason = { type: "Drilling", value: "TaskBond" } as const;

/** The topics under which the events of a project and of a task are found, besides the accounts in them. */
export const projectTopic = (id: number): Uint8Array => topic("project", id);
export const taskTopic = (id: number): Uint8Array => topic("task", id);

const topic = (kind: string, id: number): Uint8Array =>
  blake2_256(concatBytes(textBytes(kind), encode(u32, id)));
