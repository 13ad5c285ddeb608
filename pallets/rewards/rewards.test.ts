import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { treasuryAccount } from "../../runtime/primitives/account.ts";
import { preRuntime } from "../../runtime/primitives/digest.ts";
import { balanceOnHold, freeBalance, totalIssuance } from "../balances/index.ts";
import { storage as poh } from "../poh/index.ts";
import { initialize } from "../system/index.ts";
import {
  alice,
  assertIssuance,
  bob,
  charlie,
  clearEvents,
  eventNames,
  happened,
  MAI,
  person,
  testChain,
} from "../testing/chain.ts";
import { closeRound, payRound } from "./drilling-round.ts";
import { initialReward, rewardAfter } from "./emission.ts";
import { constants, rewards, storage, vestingOf, vestingReason } from "./index.ts";
import { assertRewards } from "./testing/invariants.ts";

const pool = constants.PoolAccount;
const epochMs = 4_800n * 6_000n;

/** A chain on which blocks begin, as far as rewards see of it. */
function chainOf() {
  const { ctx } = testChain([
    [alice, 100n * MAI],
    [bob, 100n * MAI],
  ]);
  poh.GenesisSlot.set(ctx, 1n);
  let number = 1;
  const begin = (author: Uint8Array | undefined, epoch?: bigint) => {
    number++;
    initialize(ctx, number, new Uint8Array(32), author ? [preRuntime("pow_", author)] : []);
    if (epoch !== undefined) {
      poh.EpochIndex.set(ctx, epoch);
      poh.EpochStartBlock.set(ctx, number);
    }
    const weight = rewards.onInitialize?.(ctx, number);
    assertIssuance(ctx);
    assertRewards(ctx);
    return weight;
  };
  return { ctx, begin };
}

const heldBy = (ctx: Ctx, who: Uint8Array) => balanceOnHold(ctx, vestingReason, who);

/** Work that drilling has credited in this round. */
function work(ctx: Ctx, trainer: Uint8Array, uut: bigint): void {
  const round = storage.Round.get(ctx);
  storage.Work.mutate(ctx, round, trainer, (before) => before + uut);
  storage.RoundWork.mutate(ctx, (before) => before + uut);
}

describe("a block", () => {
  test("mints 10 MAI: 8 for its author, a quarter of them free, 1 for drilling, 1 for the treasury", () => {
    const { ctx, begin } = chainOf();
    begin(alice);
    expect(freeBalance(ctx, alice)).toBe(102n * MAI);
    expect(heldBy(ctx, alice)).toBe(6n * MAI);
    expect(freeBalance(ctx, pool)).toBe(MAI);
    expect(freeBalance(ctx, treasuryAccount)).toBe(MAI);
    expect(totalIssuance(ctx)).toBe(210n * MAI);
    expect(happened(ctx).filter(([name]) => name.startsWith("Rewards."))).toEqual([
      ["Rewards.VestingScheduled", { who: alice, amount: 6n * MAI, start: 2, end: 2_592_002 }],
      [
        "Rewards.BlockRewarded",
        {
          author: alice,
          reward: 10n * MAI,
          author_share: 8n * MAI,
          vesting: 6n * MAI,
          drilling_pool: MAI,
          treasury: MAI,
        },
      ],
    ]);
  });

  test("of an author without an account brings it into being", () => {
    const { ctx, begin } = chainOf();
    begin(charlie);
    expect([freeBalance(ctx, charlie), heldBy(ctx, charlie)]).toEqual([2n * MAI, 6n * MAI]);
  });

  test("of nobody mints nothing", () => {
    const { ctx, begin } = chainOf();
    begin(undefined);
    expect(totalIssuance(ctx)).toBe(200n * MAI);
    expect(eventNames(ctx)).toEqual([]);
  });

  test("mints by the time since the first slot, anew with each epoch", () => {
    const { ctx, begin } = chainOf();
    for (const epoch of [0n, 1n, 2n, 2_190n, 4_380n, 4_381n]) {
      const before = totalIssuance(ctx);
      clearEvents(ctx);
      begin(alice, epoch);
      const expected = rewardAfter(epoch * epochMs);
      expect(totalIssuance(ctx) - before).toBe(expected);
      const changed = happened(ctx).filter(([name]) => name === "Rewards.RewardChanged");
      expect(changed).toEqual(epoch === 0n ? [] : [["Rewards.RewardChanged", { epoch, reward: expected }]]);
    }
    expect(storage.BlockReward.get(ctx)).toBeLessThan(initialReward / 4n);
  });

  test("gives nobody what is too small to open an account with, and says so", () => {
    const { ctx, begin } = chainOf();
    // 16 halvings: a tenth is below the existential deposit, and so is a quarter of the author's share.
    begin(charlie, 16n * 2_190n);
    expect(totalIssuance(ctx)).toBe(200n * MAI);
    expect(happened(ctx).at(-1)).toEqual([
      "Rewards.BlockRewarded",
      { author: charlie, reward: 0n, author_share: 0n, vesting: 0n, drilling_pool: 0n, treasury: 0n },
    ]);
    begin(alice);
    const share = storage.BlockReward.get(ctx) - 2n * (storage.BlockReward.get(ctx) / 10n);
    expect(totalIssuance(ctx)).toBe(200n * MAI + share);
  });

  test("over many blocks issues exactly the sum of the rewards, whoever authors", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(alice, bob, charlie, undefined), fc.boolean()), { maxLength: 40 }),
        (blocks) => {
          const { ctx, begin } = chainOf();
          let epoch = 0n;
          let minted = 0n;
          for (const [author, isNew] of blocks) {
            if (isNew) epoch += 97n;
            begin(author, isNew ? epoch : undefined);
            if (author) minted += rewardAfter(epoch * epochMs);
          }
          expect(totalIssuance(ctx)).toBe(200n * MAI + minted);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("a round of drilling", () => {
  test("pays the pool in proportion to work when an epoch begins, a quarter free", () => {
    const { ctx, begin } = chainOf();
    for (let i = 0; i < 10; i++) begin(undefined);
    for (let i = 0; i < 10; i++) begin(charlie);
    work(ctx, alice, 300n);
    work(ctx, bob, 100n);
    const pot = 10n * MAI - 1_000_000_000n;
    clearEvents(ctx);
    begin(undefined, 1n);
    expect(happened(ctx).filter(([name]) => name.startsWith("Rewards."))).toEqual(
      expect.arrayContaining([
        ["Rewards.DrillingRoundClosed", { round: 0, pot, work: 400n }],
        [
          "Rewards.DrillingRewarded",
          {
            trainer: alice,
            round: 0,
            work: 300n,
            amount: (pot * 3n) / 4n,
            vesting: (pot * 3n) / 4n - (pot * 3n) / 16n,
          },
        ],
        [
          "Rewards.DrillingRewarded",
          { trainer: bob, round: 0, work: 100n, amount: pot / 4n, vesting: pot / 4n - pot / 16n },
        ],
      ]),
    );
    expect(freeBalance(ctx, alice)).toBe(100n * MAI + (pot * 3n) / 16n);
    expect(freeBalance(ctx, pool)).toBe(1_000_000_000n);
    expect(storage.Paying.exists(ctx)).toBe(false);
    expect([...storage.Work.keys(ctx, 0)]).toEqual([]);
    expect(vestingOf(ctx, bob)).toEqual({ claimable: 0n, remaining: pot / 4n - pot / 16n });
  });

  test("waits where nobody worked, or the pool is empty", () => {
    const { ctx, begin } = chainOf();
    begin(charlie, 1n);
    expect(eventNames(ctx)).not.toContain("Rewards.DrillingRoundClosed");
    expect(freeBalance(ctx, pool)).toBe(rewardAfter(epochMs) / 10n);
    const poor = chainOf();
    work(poor.ctx, alice, 5n);
    poor.begin(undefined, 1n);
    expect(storage.RoundWork.get(poor.ctx)).toBe(5n);
    expect(storage.Round.get(poor.ctx)).toBe(0);
  });

  test("takes several blocks for many trainers, while the next collects, and never pays twice", () => {
    const { ctx, begin } = chainOf();
    for (let i = 0; i < 20; i++) begin(charlie);
    const many = Array.from({ length: 120 }, (_, i) => person(100 + i));
    for (const [i, trainer] of many.entries()) work(ctx, trainer, BigInt(i + 10));
    const paid = (): number => many.filter((trainer) => heldBy(ctx, trainer) > 0n).length;
    begin(undefined, 1n);
    expect(paid()).toBe(50);
    work(ctx, alice, 1_000n);
    begin(undefined, 2n);
    expect(paid()).toBe(100);
    expect(storage.Round.get(ctx)).toBe(1);
    begin(undefined);
    expect(paid()).toBe(120);
    expect(storage.Paying.exists(ctx)).toBe(false);
    const total = 8_340n;
    const pot = 20n * MAI - 1_000_000_000n;
    for (const [i, trainer] of many.entries()) {
      const share = (pot * BigInt(i + 10)) / total;
      expect(freeBalance(ctx, trainer) + heldBy(ctx, trainer)).toBe(share);
    }
    // The next round had to wait for a whole epoch more; what was left over is in it.
    const rest = freeBalance(ctx, pool) - 1_000_000_000n;
    expect(rest).toBeLessThan(120n);
    begin(charlie);
    begin(undefined, 3n);
    expect(freeBalance(ctx, alice) + heldBy(ctx, alice) - 100n * MAI).toBe(
      rest + rewardAfter(2n * epochMs) / 10n,
    );
    expect(storage.Round.get(ctx)).toBe(2);
  });

  test("skips whose account cannot take its share, which stays in the pool", () => {
    const { ctx, begin } = chainOf();
    begin(charlie);
    work(ctx, person(9), 1n);
    work(ctx, alice, 999n);
    clearEvents(ctx);
    closeRound(ctx);
    payRound(ctx);
    const pot = MAI - 1_000_000_000n;
    expect(happened(ctx)).toContainEqual([
      "Rewards.DrillingRewardSkipped",
      { trainer: person(9), round: 0, work: 1n, amount: pot / 1_000n },
    ]);
    expect(freeBalance(ctx, pool)).toBe(MAI - (pot * 999n) / 1_000n);
    assertIssuance(ctx);
  });
});
