import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the rewards pallet's parts. */
export const docs: Docs = {
  pallet: "New tokens: what each block mints, whom it goes to, and how it becomes free.",
  storage: {
    BlockReward: "What each block of this epoch mints.",
    Ledgers:
      "By account: what live buckets hold, what has vested whole, and what was released. What is on hold for vesting is `live + ended - released`, less what was slashed since.",
    Buckets:
      "By account and window of blocks: the sum of the rewards given then, and the sum of each times its distance from the window's start.",
    Round: "Number of the round of drilling whose work is being collected.",
    RoundWork: "All work of that round so far, in uut.",
    Work: "By round and trainer: work in uut that is to be paid from the drilling pool.",
    Paying: "The round that is being paid: its pot and all of its work.",
  },
  events: {
    RewardChanged: "With a new epoch, each block mints this much.",
    BlockRewarded:
      "A block minted its reward. Of the author's share, `vesting` is on hold until it vests; the rest is free.",
    DrillingRoundClosed: "A round of drilling ended: its pot is paid out in proportion to work in uut.",
    DrillingRewarded:
      "A trainer's share of a round was paid from the pool, of which `vesting` is on hold until it vests.",
    DrillingRewardSkipped: "A trainer's account cannot take its share, which stays in the pool.",
    VestingScheduled: "A reward was put on hold, to vest evenly from block `start` to block `end`.",
    VestingForfeited:
      "A slash had taken this much from what is on hold for vesting: the latest rewards are reduced by it.",
    VestingClaimed: "What has vested became free; `remaining` is still on hold.",
  },
  constants: {
    InitialReward: "What a block of the first epoch mints.",
    HalvingPeriod:
      "Time after which a block mints half as much, in milliseconds. It falls evenly, by a little every epoch.",
    VestingPeriod: "Blocks over which a reward vests.",
    AuthorPercent: "Share of a block's reward that its author gets.",
    DrillingPercent: "Share of a block's reward that goes to the pool for drilling.",
    TreasuryPercent: "Share of a block's reward that goes to the treasury.",
    FreePercent: "Share of an author's or a driller's reward that is free at once; the rest vests.",
    PoolAccount: "The account of the pool for drilling.",
    MaxPaidPerBlock: "How many trainers are paid for drilling in one block; the next goes on.",
  },
};
