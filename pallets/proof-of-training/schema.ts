import { constant, parameter } from "../../runtime/frame/constant.ts";
import { twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId, hash } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { bool, i128, u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { keyEnvelope, keyPurpose, uri } from "../marketplace/index.ts";
import { docs } from "./docs.ts";
import { appealResult, inspection, submission } from "./types.ts";
import { fault, rule, ruling, verdict } from "./verdict.ts";

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");
const block = alias(u32, "BlockNumberFor<T>");
const order = alias(u32, "OrderId");

const self = schema("ProofOfTraining", {
  docs,
  holdReasons: ["InspectionBond", "AppealBond"],
  storage: {
    Inspections: map(twox64Concat(u32), inspection),
    Agenda: doubleMap(twox64Concat(u32), twox64Concat(u32), bool),
    AgendaSince: value(u32),
  },
  events: {
    TrainingStarted: { order, trainer: account, link: hash, started: u64, anchor_by: block, due: block },
    CheckpointAnchored: {
      order,
      trainer: account,
      index: u32,
      step: u32,
      link: hash,
      loss: u64,
      anchor_by: block,
    },
    ProofSubmitted: { order, trainer: account, submission, index: u32, step: u32, at: u64 },
    InspectorsDrawn: {
      order,
      round: u8,
      inspectors: vec(account),
      bond: amount,
      challenge: hash,
      commit_by: block,
      release_by: option(block),
      keys_by: option(block),
    },
    ValidationReleased: { order, buyer: account, uri },
    KeyReleased: { order, from: account, to: account, purpose: keyPurpose, key: keyEnvelope },
    VerdictCommitted: { order, inspector: account, round: u8, commitment: hash },
    RevealBegun: { order, round: u8, committed: u8, reveal_by: block },
    VerdictRevealed: { order, inspector: account, round: u8, verdict, hash },
    WindowExtended: { order, round: u8, silent: u8, until: block },
    PanelSplit: { order, round: u8, accepted: u8, rejected: u8, faulted: u8, silent: u8 },
    ProofAccepted: { order, trainer: account, votes: u8, seats: u8, flop: u128, appeal_by: option(block) },
    ProofRejected: {
      order,
      trainer: account,
      rule,
      number: u8,
      value: i128,
      threshold: i128,
      votes: u8,
      seats: u8,
      appeal_by: option(block),
    },
    FaultFound: { order, buyer: account, fault, votes: u8, seats: u8, appeal_by: option(block) },
    FaultDenied: { order, trainer: account, votes: u8, seats: u8, appeal_by: option(block) },
    Appealed: { order, appellant: account, bond: amount, against: ruling },
    AppealEnded: { order, appellant: account, result: appealResult, returned: amount },
  },
  errors: {
    NotTrainer: "Only the order's trainer may do this.",
    NotBuyer: "Only the order's buyer may do this.",
    SeedNotDrawn: "The training's seed is drawn in the block after acceptance.",
    AnchorOutOfOrder: "Checkpoints are anchored in ascending order of index and step.",
    BeyondEnd: "The order has fewer checkpoints or steps, or the last of both do not fall together.",
    GapTooLarge: "Checkpoints are anchored at least every tenth of the steps.",
    GapTooSmall: "Checkpoints, the last aside, are anchored so far apart that `MaxAnchors` are enough.",
    NotAnchored:
      "A proof needs the last checkpoint to be anchored; after a cancellation, one besides the start.",
    NothingTrained: "Before training has started only a fault of the buyer's can be claimed.",
    ClaimTooLate: "A buyer that has cancelled needs no more faults.",
    NoInspection: "No proof of the order is under inspection.",
    WrongPhase: "The inspection is in another phase.",
    NotInspector: "The caller is not among the inspectors of this round.",
    AlreadyCommitted: "The inspector has committed to a verdict.",
    NotCommitted: "The inspector has not committed to a verdict.",
    AlreadyRevealed: "The inspector has revealed its verdict.",
    WrongOpening: "Verdict and salt do not open the commitment.",
    InconsistentVerdict: "The verdict does not follow from its numbers, or not in this case.",
    IncompleteVerdict: "A proof is accepted only after all checks that apply to every proof.",
    RuleForfeited: "The buyer has not released its validation data in time: rule 1 counts as met.",
    NothingToRelease: "Nothing of the order is kept back or sealed, or no proof is under inspection.",
    NotDrawn: "The inspectors are not drawn yet.",
    AlreadyReleased: "This is released already, once and for all.",
    ReleaseTooLate: "The time to release this is over.",
    NotParty:
      "The key of data goes from the buyer to the trainer or an inspector of this round, that of the package from the trainer to such an inspector.",
    NoSealingKey: "The recipient had set no sealing key when it became a party of the order.",
    KeyClaimUntimely:
      "That a key is withheld can be claimed before training starts: at once where one was given, else once half of the time to start has passed.",
    MayNotAppeal: "Only trainers and the order's buyer may appeal.",
    NoFreshInspectors: "Nobody is left who could hear the appeal.",
  },
  constants: {
    DrawDelay: constant(u32, 2),
    AppealSeats: constant(u8, 5),
    MinInspectionBond: constant(u128, 1_000_000_000_000n),
    /** A tenth of a token. */
    InspectorReserve: constant(u128, 100_000_000_000n),
    /** Parts of a million. */
    SilencePenalty: constant(u32, 250_000),
    InspectionShare: constant(u32, 10),
    MaxDuePerBlock: constant(u32, 25),
    CommitWindow: parameter(u32, 600),
    RevealWindow: parameter(u32, 50),
    AppealWindow: parameter(u32, 600),
    ReleaseWindow: parameter(u32, 300),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

/** Deadlines of the phases of inspections. */
export const agenda = { entries: storage.Agenda, since: storage.AgendaSince };

/** An inspector's, while its order is inspected. */
export const inspectionBondReason = { type: "ProofOfTraining", value: "InspectionBond" } as const;
/** Of whoever appeals. */
export const appealBondReason = { type: "ProofOfTraining", value: "AppealBond" } as const;
