import { constant, parameter } from "../../runtime/frame/constant.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { boundedBytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, u16, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { docs } from "./docs.ts";
import { challengeStates, machineStates } from "./states.ts";

const maxMetadata = 2_048;
const maxMachines = 32;

/** 16 bytes that the owner chooses, no two machines the same. */
export const machineId = fixedBytes(16);
export type MachineId = Uint8Array;

const machineState = unitEnum("pallet_machines::MachineState", machineStates);

const machine = struct("pallet_machines::Machine", {
  owner: accountId,
  /** What it declares, in uut per day. */
  declared: u128,
  /** What its last answer showed, in uut per day; 0 before the first, and after one that failed. */
  measured: u128,
  state: machineState,
  /** The last epoch with a heartbeat. */
  heartbeat: u64,
  /** Of all heartbeats. */
  chain: fixedBytes(32),
  /** Its place in `MachineAt`. */
  place: u32,
  /** Work that it is bound to: it is not challenged by chance meanwhile, and cannot be removed. */
  engagements: u32,
});
export type Machine = Value<typeof machine>;

const commitment = struct("pallet_machines::Commitment", { root: fixedBytes(32), at: u64 });

const challenge = struct("pallet_machines::Challenge", {
  state: unitEnum("pallet_machines::ChallengeState", challengeStates),
  /** The block in which the chain moves it on, if nobody does before. */
  due: u32,
  seed: fixedBytes(32),
  n: u32,
  rounds: u32,
  start: u64,
  commitment: option(commitment),
  /** Picks the entries. */
  randomness: option(fixedBytes(32)),
});
export type Challenge = Value<typeof challenge>;

/** What a machine did lately, as it says; only the hash of the full record is needed to compare it later. */
export const activity = struct("pallet_machines::Activity", {
  /** By the Whetstone benchmark, in MFLOPS. */
  whetstone: u32,
  /** Of its processors, in thousandths. */
  utilisation: u16,
  /** In use, in MiB. */
  memory: u32,
  /** In joules since the last heartbeat, where the driver tells. */
  energy: option(u64),
  /** BLAKE2b-256 of the record that the machine keeps. */
  record: fixedBytes(32),
});
export type Activity = Value<typeof activity>;

const fleet = struct("pallet_machines::Fleet", {
  machines: boundedVec(machineId, maxMachines),
  bond: u128,
});

const failure = unitEnum("pallet_machines::Failure", [
  "WrongEntry",
  "NotCommittedInTime",
  "NotAnsweredInTime",
]);
export type Failure = Value<typeof failure>;

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");
const moment = alias(u64, "T::Moment");
const block = alias(u32, "BlockNumberFor<T>");
const hash = fixedBytes(32);
const who = { machine: machineId, owner: account };

const self = schema("Machines", {
  docs,
  storage: {
    Machines: map(blake2Concat(machineId), machine),
    Metadata: map(blake2Concat(machineId), boundedBytes(maxMetadata)),
    Fleets: map(blake2Concat(accountId), fleet, { machines: [], bond: 0n }),
    MachineAt: map(twox64Concat(u32), machineId),
    CounterForMachines: value(u32, 0),
    Challenges: map(blake2Concat(machineId), challenge),
    Agenda: doubleMap(twox64Concat(u32), blake2Concat(machineId), bool),
    AgendaSince: value(u32),
    Sweep: value(struct("pallet_machines::Sweep", { epoch: u64, next: u32 }), { epoch: 0n, next: 0 }),
  },
  events: {
    MachineAdded: {
      ...who,
      declared_capacity: u128,
      metadata: boundedBytes(maxMetadata),
      required_bond: amount,
    },
    MachineRemoved: { ...who, required_bond: amount },
    Heartbeat: { ...who, epoch: u64, activity, chain: hash },
    MachineAvailable: { ...who, epoch: u64 },
    MachineUnavailable: { ...who, epoch: u64 },
    ChallengeIssued: { ...who, seed: hash, n: u32, rounds: u32, start: moment, until: block },
    ChallengeCommitted: { ...who, root: hash, at: moment },
    EntriesPicked: { ...who, randomness: hash, picks: u32, until: block },
    CapacityMeasured: { ...who, uut_per_day: u128, n: u32, rounds: u32, elapsed: u64 },
    ChallengeFailed: { ...who, reason: failure, slashed: amount },
  },
  errors: {
    NotTrainer: "Only a registered trainer has machines.",
    IdInUse: "A machine, perhaps of somebody else, has this id.",
    NoSuchMachine: "There is no machine of this id.",
    NotOwner: "Only its owner may do this with a machine.",
    TooManyMachines: "The trainer has as many machines as `MaxMachines` allows.",
    CapacityOutOfRange: "The declared capacity is at least 1 uut per day and at most `MaxDeclaredCapacity`.",
    InvalidMetadata: "The metadata is a JSON object in UTF-8.",
    HeartbeatSent: "The machine has sent its heartbeat in this epoch.",
    MachineEngaged: "The machine is bound to work that must end first.",
    NoChallenge: "The machine has no challenge that waits for this.",
    TooLate: "The time for it is over.",
    TooEarly: "The entries are picked with a later block's randomness.",
    WrongCount: "One opening for each picked entry, and one root for each round.",
    NotCommitted: "These are not the roots that the machine committed to.",
    NotInTree: "An opened leaf is not in its round's tree, or not at the place picked.",
  },
  constants: {
    BondBase: parameter(u128, 10_000_000_000_000n),
    BondPerUnit: parameter(u128, 1_000_000_000n),
    CapacityUnit: constant(u128, 200_000_000n),
    /** 2^64 uut per day are 92 EFLOPS, day and night. */
    MaxDeclaredCapacity: constant(u128, 1n << 64n),
    MaxMachines: constant(u32, maxMachines),
    MaxMetadata: constant(u32, maxMetadata),
    ChallengeBlocks: constant(u32, 5),
    CommitWindow: constant(u32, 50),
    AnswerWindow: constant(u32, 50),
    ChallengeEpochs: constant(u32, 10),
    Picks: constant(u32, 8),
    WrongAnswerSlash: constant(u32, 50_000),
    MaxDuePerBlock: constant(u32, 32),
    MaxSweepPerBlock: constant(u32, 64),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

export const agenda = { entries: storage.Agenda, since: storage.AgendaSince };

/** The topic under which a machine's events are found, besides its owner's account. */
export const machineTopic = (id: MachineId): Uint8Array => blake2_256(concatBytes(textBytes("machine"), id));
