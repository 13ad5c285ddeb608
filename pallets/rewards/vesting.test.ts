import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { balanceOnHold, freeBalance, mint, rescind, slashHeld } from "../balances/index.ts";
import { storage as system } from "../system/index.ts";
import { alice, assertIssuance, bob, clearEvents, happened, MAI, testChain } from "../testing/chain.ts";
import { constants, storage, vestingOf, vestingReason } from "./index.ts";
import { assertRewards, owedTo } from "./testing/invariants.ts";
import { scheduleVesting } from "./vesting.ts";

const claim = { type: "Rewards", value: { type: "claim_vested", value: {} } } as const;
const period = 2_000;

function chainOf() {
  const chain = testChain([
    [alice, 100n * MAI],
    [bob, 100n * MAI],
  ]);
  constants.VestingPeriod.set(chain.ctx, period);
  return chain;
}

const goTo = (ctx: Ctx, block: number) => system.Number.set(ctx, block);
const heldBy = (ctx: Ctx, who: Uint8Array) => balanceOnHold(ctx, vestingReason, who);

/** Pays a reward of which all vests. */
function reward(ctx: Ctx, who: Uint8Array, amount: bigint): void {
  mint(ctx, who, amount);
  scheduleVesting(ctx, who, amount);
}

/** Takes from the hold and burns it, as a slash does. */
function slash(ctx: Ctx, who: Uint8Array, amount: bigint): bigint {
  const { taken } = slashHeld(ctx, vestingReason, who, amount);
  rescind(ctx, taken);
  return taken;
}

/** Besides the invariants: the ledger is exact for who was just paid, or has just claimed. */
function assertLedger(ctx: Ctx, who: Uint8Array): void {
  assertRewards(ctx);
  expect(owedTo(ctx, who)).toBe(heldBy(ctx, who));
}

describe("claim_vested", () => {
  test("frees an even part for each block, and all at the end", () => {
    const chain = chainOf();
    goTo(chain.ctx, 134);
    reward(chain.ctx, alice, 2_000n * 7n);
    clearEvents(chain.ctx);
    assertNoop(chain, claim, signedOrigin(alice), "Rewards.NothingVested");
    goTo(chain.ctx, 135);
    assertOk(chain, claim, signedOrigin(alice));
    expect(happened(chain.ctx)).toEqual([
      ["Rewards.VestingClaimed", { who: alice, amount: 7n, remaining: 1_999n * 7n }],
    ]);
    assertNoop(chain, claim, signedOrigin(alice), "Rewards.NothingVested");
    goTo(chain.ctx, 1_134);
    expect(vestingOf(chain.ctx, alice)).toEqual({ claimable: 999n * 7n, remaining: 1_000n * 7n });
    assertOk(chain, claim, signedOrigin(alice));
    goTo(chain.ctx, 134 + period);
    assertOk(chain, claim, signedOrigin(alice));
    expect(freeBalance(chain.ctx, alice)).toBe(100n * MAI + 14_000n);
    expect([...storage.Buckets.iterate(chain.ctx, alice)]).toEqual([]);
    expect(storage.Ledgers.exists(chain.ctx, alice)).toBe(false);
    assertNoop(chain, claim, signedOrigin(alice), "Rewards.NothingVested");
    assertIssuance(chain.ctx);
  });

  test("is for those who have rewards, and signed", () => {
    const chain = chainOf();
    assertNoop(chain, claim, signedOrigin(bob), "Rewards.NothingVested");
    assertNoop(chain, claim, rootOrigin, "BadOrigin");
    assertNoop(chain, claim, noneOrigin, "BadOrigin");
  });

  test("tells of a schedule from when until when, under the account as topic", () => {
    const { ctx } = chainOf();
    goTo(ctx, 500);
    clearEvents(ctx);
    reward(ctx, alice, 3n * MAI);
    expect(happened(ctx).at(-1)).toEqual([
      "Rewards.VestingScheduled",
      { who: alice, amount: 3n * MAI, start: 500, end: 2_500 },
    ]);
    expect(system.EventTopics.get(ctx, alice)).toHaveLength(1);
  });
});

describe("a slash of the hold", () => {
  test("comes off the latest rewards, and what had vested before is not delayed", () => {
    const chain = chainOf();
    const { ctx } = chain;
    goTo(ctx, 0);
    reward(ctx, alice, 2_000n);
    goTo(ctx, 1_000);
    reward(ctx, alice, 2_000n);
    expect(slash(ctx, alice, 1_500n)).toBe(1_500n);
    goTo(ctx, 1_500);
    // Three quarters of the first; a quarter of the 500 that are left of the second.
    expect(vestingOf(ctx, alice)).toEqual({ claimable: 1_500n + 125n, remaining: 2_500n - 1_625n });
    assertOk(chain, claim, signedOrigin(alice));
    assertLedger(ctx, alice);
    expect(happened(ctx)).toContainEqual(["Rewards.VestingForfeited", { who: alice, amount: 1_500n }]);
    goTo(ctx, 9_000);
    assertOk(chain, claim, signedOrigin(alice));
    expect(freeBalance(ctx, alice)).toBe(100n * MAI + 2_500n);
    expect(heldBy(ctx, alice)).toBe(0n);
    assertIssuance(ctx);
  });

  test("of all of it leaves nothing to claim, and rewards after it vest from their own block", () => {
    const chain = chainOf();
    const { ctx } = chain;
    goTo(ctx, 10);
    reward(ctx, alice, 5_000n);
    goTo(ctx, 1_010);
    assertOk(chain, claim, signedOrigin(alice));
    expect(slash(ctx, alice, 1n << 100n)).toBe(2_500n);
    goTo(ctx, 3_000);
    assertNoop(chain, claim, signedOrigin(alice), "Rewards.NothingVested");
    reward(ctx, alice, 2_000n);
    assertLedger(ctx, alice);
    assertNoop(chain, claim, signedOrigin(alice), "Rewards.NothingVested");
    goTo(ctx, 3_001);
    // 2,500 of the first reward were released before, so the ledger must not count them again.
    expect(vestingOf(ctx, alice)).toEqual({ claimable: 1n, remaining: 1_999n });
    goTo(ctx, 5_000);
    assertOk(chain, claim, signedOrigin(alice));
    expect(freeBalance(ctx, alice)).toBe(100n * MAI + 4_500n);
  });

  test("reaches what has ended where nothing else is left", () => {
    const chain = chainOf();
    const { ctx } = chain;
    goTo(ctx, 0);
    reward(ctx, alice, 1_000n);
    goTo(ctx, 5_000);
    reward(ctx, alice, 100n);
    slash(ctx, alice, 600n);
    expect(vestingOf(ctx, alice)).toEqual({ claimable: 500n, remaining: 0n });
    assertOk(chain, claim, signedOrigin(alice));
    expect(storage.Ledgers.exists(ctx, alice)).toBe(false);
  });
});

test("an account that never claims keeps few buckets for ever", () => {
  const { ctx } = chainOf();
  for (let block = 1; block < 20_000; block += 13) {
    goTo(ctx, block);
    reward(ctx, alice, 1_000n);
  }
  expect([...storage.Buckets.keys(ctx, alice)].length).toBeLessThanOrEqual(32);
  assertLedger(ctx, alice);
  goTo(ctx, 30_000);
  const all = BigInt(Math.ceil(19_999 / 13)) * 1_000n;
  expect(vestingOf(ctx, alice)).toEqual({ claimable: all, remaining: 0n });
});

const step = fc.record({
  pause: fc.nat(300),
  who: fc.constantFrom(alice, bob),
  act: fc.constantFrom("reward", "reward", "reward", "claim", "slash"),
  amount: fc.bigInt(1n, 10n * MAI),
});

test("in whatever order: the ledger is the hold, nobody gets more than was given, nothing vests early", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const chain = chainOf();
      const { ctx } = chain;
      const given = new Map([alice, bob].map((who) => [who, [] as { at: number; amount: bigint }[]]));
      let block = 1;
      for (const { pause, who, act, amount } of steps) {
        block += pause;
        goTo(ctx, block);
        if (act === "reward") {
          reward(ctx, who, amount);
          given.get(who)!.push({ at: block, amount });
          assertLedger(ctx, who);
        } else if (act === "slash") slash(ctx, who, amount);
        else if (ctx.dispatch(claim, signedOrigin(who)).ok) assertLedger(ctx, who);
        assertRewards(ctx);
        // By the exact schedules without slashes, and one bucket ahead at most.
        const gained = freeBalance(ctx, who) - 100n * MAI;
        const vested = given.get(who)!.reduce((sum, reward) => {
          const elapsed = BigInt(Math.min(block - reward.at + 34, period));
          return sum + (reward.amount * elapsed) / BigInt(period) + 1n;
        }, 0n);
        expect(gained <= vested).toBe(true);
        assertIssuance(ctx);
      }
      // Whoever lost all to a slash has nothing to claim; the next reward clears up.
      for (const who of [alice, bob]) reward(ctx, who, 1n);
      goTo(ctx, block + 2 * period);
      for (const who of [alice, bob]) {
        assertOk(chain, claim, signedOrigin(who));
        expect(heldBy(ctx, who)).toBe(0n);
        expect(storage.Ledgers.exists(ctx, who)).toBe(false);
        expect([...storage.Buckets.keys(ctx, who)]).toEqual([]);
      }
      assertIssuance(ctx);
    }),
    { numRuns: 60 },
  );
});
