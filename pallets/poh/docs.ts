import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the lottery pallet's parts. */
export const docs: Docs = {
  pallet:
    "Which trainer may author the block of a slot, by a lottery in which effective compute is the weight.",
  storage: {
    GenesisSlot: "The slot of block 1, with which epoch 0 begins.",
    EpochIndex: "The epoch of this block. Epochs without a block are skipped.",
    EpochStartBlock: "The first block of this epoch.",
    CurrentSlot: "The slot of this block.",
    Authorities:
      "Who may author in this epoch, with which key and weight. Headers name a trainer by its place.",
    NextAuthorities: "Who may author in the next epoch.",
    PlannedAuthorities: "Who may author in the epoch after the next one.",
    PastAuthorities:
      "Who could author in former epochs, by epoch: for as long as double blocks can be reported.",
    Randomness: "The randomness of this epoch.",
    NextRandomness: "The randomness of the next epoch.",
    BlockRandomness: "BLAKE2b-256 of this value in the parent's state and the VRF output of this block.",
    Outputs: "VRF outputs of this epoch's blocks, in pages of 256.",
    OutputCount: "How many blocks this epoch has so far.",
    Offenders: "Who was reported for two blocks in one slot, by epoch of the slot.",
    Offences: "What was proven in this block; punished at its end.",
  },
  events: {
    EpochStarted: "This block is the first of an epoch.",
    EquivocationReported: "A trainer has sealed two different headers for one slot.",
  },
  constants: {
    EpochLength: "Slots of an epoch.",
    MaxAuthorities: "How many trainers a list holds at most.",
    HistoryDepth: "For so many epochs double blocks can be reported.",
    PrimaryChance: "All trainers together win a slot with this chance: numerator and denominator.",
  },
};
