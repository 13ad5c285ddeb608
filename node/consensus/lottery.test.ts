/**
 * The lottery over 20,000 slots, through the functions by which nodes author: shares of blocks must be shares of
 * compute. All keys and seeds are fixed, so the figures are the same in every run.
 */
import { describe, expect, test } from "vitest";
import type { Authority, Lottery } from "../../pallets/poh/index.ts";
import { thresholdOf } from "../../pallets/poh/index.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { authorityOf, wallet } from "../../test/support/wallet.ts";
import { localClaims } from "./local-claims.ts";

const slots = 20_000;
/** As on the live chain, so that several epochs with randomness of their own are seen. */
const epochLength = 4_800;

function lotteryAt(slot: number, authorities: readonly Authority[]): Lottery {
  const epoch = BigInt(Math.floor(slot / epochLength));
  return { epoch, randomness: blake2_256(Buffer.from(`epoch ${epoch}`)), authorities };
}

/** Pearson's statistic: large where counts do not fit their probabilities. */
const chiSquare = (counts: readonly number[], chances: readonly number[], total: number): number =>
  counts.reduce((sum, count, i) => sum + (count - chances[i]! * total) ** 2 / (chances[i]! * total), 0);

/** Chances that 1 in 1,000 honest lotteries exceeds, by degrees of freedom. */
const oneInThousand = [0, 10.83, 13.82, 16.27, 18.47];

const chanceOf = (authority: Authority, list: readonly Authority[]): number =>
  Number(thresholdOf(authority.weight, list)) / 2 ** 128;

describe("over 20,000 slots", () => {
  const keys = [wallet(1), wallet(2)] as const;
  const list = [authorityOf(keys[0], 70n), authorityOf(keys[1], 30n)];
  const [p, q] = [chanceOf(list[0]!, list), chanceOf(list[1]!, list)];
  /** Slots that nobody, the first, the second, or both won. */
  const won = [0, 0, 0, 0];
  const drawn = [0, 0];
  /** Wins of the first trainer in each epoch. */
  const perEpoch = new Map<bigint, number>();

  test("primary claims fit their exact probabilities, alone and together", () => {
    for (let slot = 0; slot < slots; slot++) {
      const lottery = lotteryAt(slot, list);
      let winners = 0;
      for (const { claim } of localClaims(lottery, BigInt(slot), keys)) {
        if (claim.kind === "Secondary") drawn[claim.trainer_index]!++;
        else winners |= 1 << claim.trainer_index;
      }
      won[winners]!++;
      if (winners & 1) perEpoch.set(lottery.epoch, (perEpoch.get(lottery.epoch) ?? 0) + 1);
    }
    const chances = [(1 - p) * (1 - q), p * (1 - q), (1 - p) * q, p * q];
    expect(chances[0]).toBeCloseTo(0.75, 12);
    expect(chiSquare(won, chances, slots)).toBeLessThan(oneInThousand[3]!);
    expect(chiSquare(drawn, [0.7, 0.3], slots)).toBeLessThan(oneInThousand[1]!);
    // A minute of nothing but curve arithmetic, and more where others compute as well.
  }, 900_000);

  test("70 % of compute make 70 % of primary blocks", () => {
    // Of two winners the one with the lower output stays, which is each in half of these slots.
    const share = (won[1]! + won[3]! / 2) / (slots - won[0]!);
    expect(share).toBeGreaterThan(0.68);
    expect(share).toBeLessThan(0.72);
  });

  test("no epoch is a lucky one", () => {
    const whole = [...perEpoch.values()].slice(0, 4);
    expect(whole).toHaveLength(4);
    expect(chiSquare(whole, [p, p, p, p], epochLength)).toBeLessThan(oneInThousand[4]!);
  });

  test("a slot nobody won has a secondary author all the same, so none is lost", () => {
    expect(drawn[0]! + drawn[1]!).toBe(slots);
  });
});

describe("an identity cut into parts", () => {
  const parts = Array.from({ length: 4 }, (_, i) => wallet(10 + i));
  const rest = wallet(1);
  const whole = [authorityOf(rest, 30n), authorityOf(parts[0]!, 40n)];
  const cut = [authorityOf(rest, 30n), ...parts.map((part) => authorityOf(part, 10n))];

  test("has the joint chance that it had whole, to the rounding of its thresholds", () => {
    const unit = 1n << 128n;
    const losing = cut.slice(1).reduce((product, entry) => {
      return (product * (unit - thresholdOf(entry.weight, cut))) / unit;
    }, unit);
    const difference = unit - losing - thresholdOf(40n, whole);
    expect(difference > -8n && difference < 8n).toBe(true);
  });

  test("wins as many slots, and is drawn as often for the others", () => {
    const seen = 1_000;
    let won = 0;
    let drawn = 0;
    for (let slot = 0; slot < seen; slot++) {
      const claims = localClaims(lotteryAt(slot, cut), BigInt(slot), parts);
      if (claims.some(({ claim }) => claim.kind === "Primary")) won++;
      if (claims.some(({ claim }) => claim.kind === "Secondary")) drawn++;
    }
    const p = chanceOf(whole[1]!, whole);
    expect(chiSquare([won, seen - won], [p, 1 - p], seen)).toBeLessThan(oneInThousand[1]!);
    expect(chiSquare([drawn, seen - drawn], [4 / 7, 3 / 7], seen)).toBeLessThan(oneInThousand[1]!);
  });
});
