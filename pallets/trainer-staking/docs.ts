import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the staking pallet's parts. */
export const docs: Docs = {
  pallet: "Who is a trainer: bonds, session keys, service and rest, and what misbehaviour costs.",
  storage: {
    Trainers: "Registered trainers: bond, bond that machines need, session keys, rest and suspension.",
    CounterForTrainers: "How many trainers are registered.",
    Unbonding: "What was a bond and still is on hold, by account, in the order of the epochs that free it.",
    KeyOwner: "The trainer that has a session key, by type of key (poh_, gran) and public key.",
    SealingKeys:
      "The X25519 key of each trainer that has one: to it others seal what that trainer alone may read.",
    RecentSlashes:
      "The latest that was taken from each account, so that it can be told why; all of it is in events.",
  },
  events: {
    Registered: "An account became a trainer.",
    Bonded: "A trainer raised its bond.",
    Unbonded: "Part of a bond can be withdrawn from this epoch on, and be slashed until then.",
    Withdrawn: "What had finished unbonding became free.",
    KeysSet: "A trainer has new session keys, which count from the next lists of authorities on.",
    Chilled: "A trainer rests: it is in no list of authorities made from now on, and gets no new work.",
    Resumed: "A trainer ended its rest.",
    Deregistered: "A trainer ended its service; its whole bond is unbonding.",
    SealingKeySet:
      "A trainer has a new X25519 key. What it is a party of already goes on with the key that it had.",
    Slashed:
      "Something on hold was taken from an account for a fault in `subject`; `evidence` is a hash of what proves it.",
  },
  constants: {
    MinBond: "The least bond of a trainer.",
    UnbondingEpochs: "After so many epochs, what was unbonded can be withdrawn.",
    MaxTrainers: "How many trainers there can be.",
    MaxUnbondingChunks: "How many parts of a bond can be unbonding, each from an epoch of its own.",
    EquivocationSlash:
      "What two blocks for one slot, or two votes in one round, cost: parts per million of the bond.",
    ReporterShare: "What the reporter of an equivocation gets of that, in parts per million.",
    SuspensionEpochs: "For so many epochs after an equivocation a trainer has no weight.",
    MaxRecentSlashes: "How many of an account's latest slashes are remembered.",
  },
};
