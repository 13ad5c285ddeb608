import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the score pallet's parts. */
export const docs: Docs = {
  pallet: "What each trainer has computed, in all and of late, for drilling and for training.",
  storage: {
    Scores:
      "By trainer and kind of work: total in uut, effective score in 2^-128 uut per day, and the time in milliseconds since 1970 at which it was that, 0 for a score of genesis before the first block.",
  },
  events: {
    ScoreStarted: "The first block has given a time to a score of genesis, in uut per day.",
    Credited:
      "Work in uut was credited as done evenly from `start` to `end`; `effective` is the new score in whole uut per day at the time `at`. An interval shorter than `MinInterval` counts as that long.",
  },
  constants: {
    HalfLife: "Time after which an effective score is worth half, in milliseconds.",
    MinInterval: "Shortest time over which a credit is spread, in milliseconds.",
    UutPerUt: "One ut is this many uut.",
    FlopPerUut: "One uut is this many floating-point operations.",
    DrillingShare: "Tenths that the drilling score counts in a trainer's weight and in its total.",
    TrainingShare: "Tenths that the training score counts in a trainer's weight and in its total.",
    MaxGenesisScores: "How many trainers genesis may give a score.",
    MaxGenesisScore: "The highest score that genesis may give, in uut per day.",
  },
};
