/**
 * The lottery over 20,000 slots, through the functions by which nodes author: shares of blocks must be shares of
 * compute. All keys and seeds are fixed, so the figures are the same in every run; what takes a minute to compute is
 * on record, and the record is compared with what the functions give now.
 */
import { describe, expect, test } from "vitest";
import { type Authority, thresholdOf } from "../../pallets/poh/index.ts";
import { authorityOf, wallet } from "../../test/support/wallet.ts";
import { localClaims } from "./local-claims.ts";
import { epochLength, lotteryAt, outcomeOf, readRecord, slots, trainers } from "./testing/lottery-record.ts";

/** Of so many slots on record one is drawn again; STEP=1 draws all. */
const step = Number(process.env.STEP ?? 25);

/** Pearson's statistic: large where counts do not fit their probabilities. */
const chiSquare = (counts: readonly number[], chances: readonly number[], total: number): number =>
  counts.reduce((sum, count, i) => sum + (count - chances[i]! * total) ** 2 / (chances[i]! * total), 0);

/** Chances that 1 in 1,000 honest lotteries exceeds, by degrees of freedom. */
const oneInThousand = [0, 10.83, 13.82, 16.27, 18.47];

const chanceOf = (authority: Authority, list: readonly Authority[]): number =>
  Number(thresholdOf(authority.weight, list)) / 2 ** 128;

describe("over 20,000 slots", () => {
  const record = readRecord();
  const [p, q] = [chanceOf(trainers[0]!, trainers), chanceOf(trainers[1]!, trainers)];
  /** Slots that nobody, the first, the second, or both won. */
  const won = [0, 0, 0, 0];
  const drawn = [0, 0];
  /** Wins of the first trainer in each epoch. */
  const perEpoch = [0, 0, 0, 0, 0];
  for (const [slot, outcome] of record.entries()) {
    won[outcome & 3]!++;
    drawn[outcome >> 2]!++;
    perEpoch[Math.floor(slot / epochLength)]! += outcome & 1;
  }

  test("what is on record is what becomes of slots", () => {
    expect(record).toHaveLength(slots);
    for (let slot = 0; slot < slots; slot += step) expect(outcomeOf(slot), `slot ${slot}`).toBe(record[slot]);
  });

  test("primary claims fit their exact probabilities, alone and together", () => {
    const chances = [(1 - p) * (1 - q), p * (1 - q), (1 - p) * q, p * q];
    expect(chances[0]).toBeCloseTo(0.75, 12);
    expect(chiSquare(won, chances, slots)).toBeLessThan(oneInThousand[3]!);
    expect(chiSquare(drawn, [0.7, 0.3], slots)).toBeLessThan(oneInThousand[1]!);
  });

  test("70 % of compute make 70 % of primary blocks", () => {
    // Of two winners the one with the lower output stays, which is each in half of these slots.
    const share = (won[1]! + won[3]! / 2) / (slots - won[0]!);
    expect(share).toBeGreaterThan(0.68);
    expect(share).toBeLessThan(0.72);
  });

  test("no epoch is a lucky one", () => {
    expect(chiSquare(perEpoch.slice(0, 4), [p, p, p, p], epochLength)).toBeLessThan(oneInThousand[4]!);
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
