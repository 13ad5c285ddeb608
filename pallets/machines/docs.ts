import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the machine pallet's parts. */
export const docs: Docs = {
  pallet:
    "The machines of trainers: what they say of themselves, and what they are worth by the products of matrices that the chain asks of them.",
  storage: {
    Machines: "Each machine by its id: whose it is, what it declares and was measured at, whether it works.",
    Metadata: "What a machine says of itself, a JSON object in UTF-8, as its owner wrote it.",
    Fleets: "The machines of a trainer, and the bond that they require.",
    MachineAt: "All machines by place, from 0 without gaps; the last one takes the place of one that goes.",
    CounterForMachines: "How many machines there are.",
    Challenges: "The challenge that a machine is in, until it ends.",
    Agenda: "Challenges by the block in which the chain moves them on.",
    AgendaSince: "The earliest block of the agenda that may not be done.",
    Sweep: "The epoch in which machines are being looked through for missing heartbeats, and the next place.",
  },
  events: {
    MachineAdded: "A trainer added a machine. Its first challenge comes with the next block.",
    MachineRemoved: "A trainer removed a machine.",
    Heartbeat:
      "A machine is there in this epoch. `chain` is the BLAKE2b-256 of the SCALE encoding of the chain before, the id, the epoch and the activity; it began as zeros.",
    MachineAvailable: "A machine that had been silent may work again.",
    MachineUnavailable: "A machine may not work any more: no heartbeat came in the epoch before this one.",
    ChallengeIssued:
      "A machine is to compute `rounds` products of n x n matrices from `seed` and to commit to them before the block `until`. Its time counts from `start`, in milliseconds since 1970.",
    ChallengeCommitted: "A machine committed to its products, at the time `at`.",
    EntriesPicked:
      "The entries that `randomness` picks are to be revealed, `picks` of them, before the block `until`.",
    CapacityMeasured:
      "A machine's answer was right: 2 n^3 `rounds` FLOP in `elapsed` milliseconds, which are `uut_per_day`, a lower bound.",
    ChallengeFailed:
      "A machine answered wrongly, for which `slashed` was taken from its owner's stake, or not in time, which costs nothing. It may not work until it passes another challenge, which its next heartbeat asks for.",
  },
  constants: {
    BondBase: "The bond that every machine requires.",
    BondPerUnit: "The bond that a machine requires besides for each 200 ut per day that it declares.",
    CapacityUnit: "200 ut per day, in uut.",
    MaxDeclaredCapacity: "The most that a machine may declare, in uut per day.",
    MaxMachines: "How many machines a trainer may have.",
    MaxMetadata: "How many bytes a machine may say of itself.",
    ChallengeBlocks: "In how many blocks a machine of the declared capacity computes its challenge.",
    CommitWindow: "Within how many blocks a machine must commit to its products.",
    AnswerWindow: "Within how many blocks a machine must reveal the entries picked.",
    ChallengeEpochs: "After how many epochs a machine is challenged again, on average.",
    Picks: "How many entries are picked.",
    WrongAnswerSlash: "Parts per million of the owner's stake that a wrong answer costs.",
    MaxDuePerBlock: "How many challenges the chain moves on in one block.",
    MaxSweepPerBlock: "How many machines are looked at for heartbeats in one block.",
  },
};
