import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commitmentOf, entryOf, judge, type Opening, picksOf } from "./gemm.ts";
import { capacityOf, sizeFor } from "./size.ts";

/** Written by another implementation of the description, in another language. */
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../trainer/hardware/vectors/gemm-challenge.json"), "utf8"),
);
const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const products = { seed: unhex(vectors.seed), n: vectors.n as number, rounds: vectors.rounds as number };
const randomness = unhex(vectors.randomness);
const roots: Uint8Array[] = vectors.roots.map(unhex);
const commitment = unhex(vectors.commitment);
const openings: Opening[] = vectors.openings.map((o: { leaf: string; siblings: string[] }) => ({
  leaf: unhex(o.leaf),
  siblings: o.siblings.map(unhex),
}));

const flipped = (bytes: Uint8Array, at: number) => bytes.map((b, i) => (i === at ? b ^ 1 : b));
const forged = (change: (opening: Opening) => Partial<Opening>) =>
  openings.map((o, i) => (i === 1 ? { ...o, ...change(o) } : o));

describe("the check", () => {
  test("accepts another implementation's answer", () => {
    const picks = picksOf(products, randomness, openings.length);
    expect(picks).toEqual(
      vectors.openings.map(({ round, row, column }: Record<string, number>) => ({ round, row, column })),
    );
    expect(commitmentOf(products, roots)).toEqual(commitment);
    expect(judge(products, commitment, randomness, roots, openings)).toBe("Right");
  });

  test("finds the entries of the first round", () => {
    for (const { round, row, column, entry } of vectors.openings) {
      if (round === 0) expect(entryOf(products.seed, products.n, row, column)).toBe(entry);
    }
  });

  test.each<[string, Opening[]]>([
    ["a changed leaf", forged(({ leaf }) => ({ leaf: flipped(leaf, 0) }))],
    ["a changed path", forged(({ siblings }) => ({ siblings: siblings.map((s) => flipped(s, 0)) }))],
    ["a short path", forged(({ siblings }) => ({ siblings: siblings.slice(1) }))],
    ["the openings of other picks", openings.toReversed()],
  ])("finds nothing opened by %s", (_, bad) => {
    expect(judge(products, commitment, randomness, roots, bad)).toBe("NotInTree");
  });

  test("knows other roots from those committed to", () => {
    expect(judge(products, commitment, randomness, roots.toReversed(), openings)).toBe("NotCommitted");
    expect(judge(products, commitment, randomness, roots.slice(1), openings)).toBe("WrongCount");
    const other = { ...products, seed: flipped(products.seed, 0) };
    expect(judge(other, commitment, randomness, roots, openings)).toBe("NotCommitted");
  });

  test("finds the products of another seed wrong, though honestly committed to", () => {
    // A machine that computed for another machine's seed, and commits to it under its own.
    const own = { ...products, seed: flipped(products.seed, 3) };
    const verdict = judge(own, commitmentOf(own, roots), randomness, roots, openings);
    expect(verdict).toBe("WrongEntry");
  });

  test("is bounded at the largest side", () => {
    expect(Math.abs(entryOf(products.seed, 32_768, 32_767, 32_767))).toBeLessThan(64 * 32_768);
  });
});

describe("the size", () => {
  const ut = 1_000_000n;
  const seconds = (s: bigint) => s * 1_000n;

  test("of a GFLOPS machine over 30 s are four products or a few more", () => {
    const { n, rounds } = sizeFor(200n * ut, seconds(30n));
    expect({ n, rounds }).toEqual({ n: 1536, rounds: 4 });
    // 2 n^3 rounds of 30 GFLOP.
    expect(capacityOf(n, rounds, seconds(30n))).toBeLessThanOrEqual(200n * ut);
    expect(capacityOf(n, rounds, seconds(30n))).toBeGreaterThan(150n * ut);
  });

  test("stays within its bounds for the smallest and the largest machine", () => {
    expect(sizeFor(1n, 1n)).toEqual({ n: 256, rounds: 1 });
    expect(sizeFor(1n << 64n, seconds(30n))).toEqual({ n: 32_768, rounds: 1_024 });
  });

  test("grows with the capacity, and is never more than it by much", () => {
    let before = 0n;
    for (let capacity = 1_000_000n; capacity < 1n << 60n; capacity = capacity * 3n + 17n) {
      const { n, rounds } = sizeFor(capacity, seconds(10n));
      const shown = capacityOf(n, rounds, seconds(10n));
      expect(n % 256).toBe(0);
      expect(shown >= before).toBe(true);
      if (n > 256 || rounds > 1) expect(shown <= capacity).toBe(true);
      before = shown;
    }
  });

  test("an answer in no time counts as one in a millisecond", () => {
    expect(capacityOf(256, 1, 0n)).toBe(capacityOf(256, 1, 1n));
    expect(capacityOf(512, 2, 1_000n)).toBe((2n * 512n ** 3n * 2n * 86_400n) / 432_000n);
  });
});
