import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp2Negative, fractionBits } from "../../runtime/primitives/transcendental.ts";
import { bucketNumber, emptyBucket, vestedOf, windowOf, withoutPart, withReward } from "./bucket.ts";
import { halvingMs, initialReward, rewardAfter, sharesOf, vestingPart } from "./emission.ts";

const slotMs = 6_000n;
const epochSlots = 4_800n;
const epochMs = epochSlots * slotMs;
const epochsPerHalving = halvingMs / epochMs;

describe("emission", () => {
  test("is 10 MAI at first, and half of it every two years", () => {
    expect(rewardAfter(0n)).toBe(10_000_000_000_000n);
    for (let years = 2n; years <= 20n; years += 2n) {
      expect(rewardAfter((halvingMs * years) / 2n)).toBe(initialReward >> (years / 2n));
    }
    // 10 MAI / sqrt(2), to its last digit.
    expect(rewardAfter(halvingMs / 2n)).toBe(7_071_067_811_865n);
  });

  test("falls in every epoch, by the same factor up to a unit", () => {
    expect(halvingMs % epochMs).toBe(0n);
    for (let epoch = 1n; epoch <= 300n; epoch++) {
      const [before, after] = [rewardAfter((epoch - 1n) * epochMs), rewardAfter(epoch * epochMs)];
      expect(after < before).toBe(true);
      const exact = (before * exp2Negative(1n, epochsPerHalving)) >> fractionBits;
      expect(after - exact >= 0n && after - exact <= 1n).toBe(true);
    }
  });

  /** The geometric sum of `epochs` epochs in closed form, `R n (1 - q^epochs) / (1 - q)`, rounded down. */
  function closedSum(epochs: bigint): bigint {
    const one = 1n << fractionBits;
    const q = exp2Negative(1n, epochsPerHalving);
    const all = exp2Negative(epochs, epochsPerHalving);
    return (initialReward * epochSlots * (one - all)) / (one - q);
  }

  test.each([
    ["two years", 2_190n],
    ["six years and a half", 7_118n],
    ["twenty years", 21_900n],
  ])("over %s adds up to the closed formula, less a unit a block at most", (_, epochs) => {
    let sum = 0n;
    for (let epoch = 0n; epoch < epochs; epoch++) sum += rewardAfter(epoch * epochMs) * epochSlots;
    const missing = closedSum(epochs) - sum;
    expect(missing >= 0n && missing <= epochs * epochSlots).toBe(true);
  });

  test("never exceeds what is written beside it", () => {
    expect(closedSum(1_000_000n) / 10n ** 12n).toBe(151_680_103n);
    // 43 halvings leave one unit of 10^13, one more leaves nothing.
    expect(rewardAfter(halvingMs * 43n)).toBe(1n);
    expect(rewardAfter(halvingMs * 44n)).toBe(0n);
  });
});

test("shares add up, and three quarters vest", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, initialReward), (reward) => {
      const { author, pool, treasury } = sharesOf(reward);
      expect(author + pool + treasury).toBe(reward);
      expect(pool).toBe(treasury);
      expect(author >= 8n * pool && author <= 8n * pool + 9n).toBe(true);
      const vesting = vestingPart(reward);
      expect(4n * (reward - vesting) <= reward && 4n * (reward - vesting) > reward - 4n).toBe(true);
    }),
  );
  expect(sharesOf(initialReward)).toEqual({
    author: 8_000_000_000_000n,
    pool: 1_000_000_000_000n,
    treasury: 1_000_000_000_000n,
  });
});

describe("a bucket", () => {
  const rewards = fc.record({
    period: fc.integer({ min: 1, max: 5_000 }),
    number: fc.nat(50),
    given: fc.array(fc.tuple(fc.nat(100_000), fc.bigInt(1n, initialReward)), { minLength: 1, maxLength: 20 }),
  });

  test("vests as each of its rewards would by itself, until the first of them has vested whole", () => {
    fc.assert(
      fc.property(rewards, fc.nat(20_000), ({ period, number, given }, later) => {
        const window = windowOf(period);
        const start = number * window;
        const blocks = given.map(([at, amount]) => [start + (at % window), amount] as const);
        let bucket = emptyBucket;
        for (const [at, amount] of blocks) bucket = withReward(bucket, amount, at - start);
        const first = blocks.reduce((least, [at]) => Math.min(least, at), Number.MAX_SAFE_INTEGER);
        const last = blocks.reduce((most, [at]) => Math.max(most, at), 0);
        const now = last + (later % (period + 2 * window));
        const exact = blocks.map(([at, amount]) => {
          const elapsed = BigInt(Math.min(now - at, period));
          return amount * elapsed;
        });
        const sum = exact.reduce((a, b) => a + b, 0n);
        const vested = vestedOf(bucket, number, now, period) * BigInt(period);
        if (now <= first + period) expect(sum - vested >= 0n && sum - vested < BigInt(period)).toBe(true);
        // Ahead by a quarter of a window's part at most.
        const ahead = (bucket.amount * BigInt(window)) / 4n;
        expect(vested <= sum + ahead && vested > sum - BigInt(period)).toBe(true);
        if (now >= last + period) expect(vested).toBe(bucket.amount * BigInt(period));
      }),
      { numRuns: 300 },
    );
  });

  test("loses the same part of each reward", () => {
    const bucket = withReward(withReward(emptyBucket, 300n, 10), 100n, 50);
    expect(withoutPart(bucket, 100n)).toEqual({ amount: 300n, moment: 6_000n });
    expect(withoutPart(bucket, 400n)).toEqual(emptyBucket);
    expect(withoutPart(emptyBucket, 0n)).toEqual(emptyBucket);
  });

  test("covers a thirtieth of the period", () => {
    expect(windowOf(2_592_000)).toBe(86_400);
    expect(windowOf(2_000)).toBe(67);
    expect(windowOf(1)).toBe(1);
    expect([0, 66, 67, 133, 134].map((block) => bucketNumber(block, 2_000))).toEqual([0, 0, 1, 1, 2]);
  });
});
