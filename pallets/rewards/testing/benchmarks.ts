import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import type { AccountId } from "../../../runtime/primitives/account.ts";
import { mint } from "../../balances/index.ts";
import { storage as drilling } from "../../drilling/index.ts";
import { storage as system } from "../../system/index.ts";
import { rewardBlock, setBlockReward } from "../block-reward.ts";
import { windowOf } from "../bucket.ts";
import { collectWork } from "../collect-work.ts";
import { closeRound, payRound } from "../drilling-round.ts";
import { constants, storage } from "../schema.ts";
import { scheduleVesting } from "../vesting.ts";

const amount = 1_000_000_000_000n;
const person = (number: number): AccountId => new Uint8Array(32).fill(number % 256).fill(number >> 8, 16);
const author = person(1);

/** Rewards in every window of a period, so that an account has as many buckets as it can have. */
function fillBuckets(ctx: Ctx, who: AccountId): void {
  const period = constants.VestingPeriod(ctx);
  const window = windowOf(period);
  for (let block = 0; block <= period; block += window) {
    system.Number.set(ctx, block);
    mint(ctx, who, 2n * amount);
    scheduleVesting(ctx, who, amount);
  }
  system.Number.set(ctx, period + window);
}

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "claimVested",
    prepare(ctx) {
      fillBuckets(ctx, author);
      return dispatching(
        { type: "Rewards", value: { type: "claim_vested", value: {} } },
        signedOrigin(author),
      );
    },
  },
  {
    weight: "rewardBlock",
    // The first block of a window, in which the author's old buckets are looked at.
    prepare(ctx) {
      fillBuckets(ctx, author);
      mint(ctx, constants.PoolAccount, amount);
      return (run) => rewardBlock(run, author);
    },
  },
  {
    weight: "beginEpoch",
    prepare(ctx) {
      mint(ctx, constants.PoolAccount, amount);
      storage.RoundWork.set(ctx, 1n);
      return (run) => {
        setBlockReward(run);
        closeRound(run);
      };
    },
  },
  {
    weight: "collect",
    items: 50,
    prepare(ctx, items) {
      for (let i = 0; i < items; i++) drilling.CreditedWork.set(ctx, person(i), 1_000n);
      return (run) => collectWork(run);
    },
  },
  {
    weight: "pay",
    items: 40,
    prepare(ctx, items) {
      mint(ctx, constants.PoolAccount, 1_000n * amount);
      storage.Paying.set(ctx, { round: 0, pot: 100n * amount, work: 100n });
      for (let i = 0; i < items; i++) {
        storage.Work.set(ctx, 0, person(i), 1n);
        if (i % 10 === 0) fillBuckets(ctx, person(i));
      }
      return (run) => payRound(run);
    },
  },
];
