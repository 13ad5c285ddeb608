import { createHash } from "node:crypto";
import { blake2b } from "@noble/hashes/blake2.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawWeighted } from "./weighted-draw.ts";

const seedOf = (n: number) => new Uint8Array(createHash("sha256").update(String(n)).digest());

/** The draw again, by repeated lists and another library's hash. */
function naive(seed: Uint8Array, weights: readonly bigint[], count: number): number[] {
  let tickets = weights.flatMap((weight, place) => Array<number>(Number(weight)).fill(place));
  const drawn: number[] = [];
  let counter = 0;
  while (drawn.length < count && tickets.length > 0) {
    const bits = tickets.length === 1 ? 1 : Math.floor(Math.log2(tickets.length - 1)) + 1;
    const input = new Uint8Array([...seed, counter & 255, counter >> 8, 0, 0]);
    counter++;
    const hex = Buffer.from(blake2b(input, { dkLen: 32 }).reverse()).toString("hex");
    const candidate = Number(BigInt(`0x${hex}`) >> BigInt(256 - bits));
    if (candidate >= tickets.length) continue;
    const place = tickets[candidate]!;
    drawn.push(place);
    tickets = tickets.filter((ticket) => ticket !== place);
  }
  return drawn;
}

test("is the draw of tickets out of a hat, by the hashes of the seed", () => {
  const weights = fc.array(fc.bigInt(0n, 12n), { maxLength: 9 });
  fc.assert(
    fc.property(fc.nat(), weights, fc.nat(10), (n, list, count) => {
      expect(drawWeighted(seedOf(n), list, count)).toEqual(naive(seedOf(n), list, count));
    }),
    { numRuns: 400 },
  );
});

test("never draws a place twice, nor one without weight, and all others when asked for", () => {
  const weights = [0n, 5n, 0n, 1n << 128n, 7n];
  for (let n = 0; n < 50; n++) {
    const drawn = drawWeighted(seedOf(n), weights, 5);
    expect(drawn.toSorted()).toEqual([1, 3, 4]);
  }
  expect(drawWeighted(seedOf(0), [0n, 0n], 1)).toEqual([]);
  expect(drawWeighted(seedOf(0), [], 1)).toEqual([]);
});

test("shares of first draws are shares of weight", () => {
  const weights = [1n, 2n, 3n, 4n, 0n];
  const draws = 20_000;
  const counts = weights.map(() => 0);
  for (let n = 0; n < draws; n++) counts[drawWeighted(seedOf(n), weights, 1)[0]!]!++;
  expect(counts[4]).toBe(0);
  const chiSquare = weights.slice(0, 4).reduce((sum, weight, i) => {
    const expected = (draws * Number(weight)) / 10;
    return sum + (counts[i]! - expected) ** 2 / expected;
  }, 0);
  // Three degrees of freedom; one seed in a thousand would pass this, and the seeds are fixed.
  expect(chiSquare).toBeLessThan(16.3);
});

test("refuses what has no meaning", () => {
  expect(() => drawWeighted(seedOf(0), [1n, -1n], 1)).toThrow("negative");
  expect(() => drawWeighted(seedOf(0), [1n << 255n, 1n << 255n], 1)).toThrow("2^256");
});
