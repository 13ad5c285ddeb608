import { expect, test } from "vitest";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import {
  market,
  nextBlock,
  ok,
  panel,
  potCall,
  proof,
  train,
  trainer,
} from "../marketplace/testing/market.ts";
import { storage as poh } from "../poh/index.ts";
import { MAI } from "../testing/chain.ts";
import { storage } from "./index.ts";
import { majorityOf } from "./panel.ts";
import type { Seat } from "./types.ts";
import type { Ruling } from "./verdict.ts";

const draws = 1_000;

/** A panel's ruling on a forged proof, where those below `colluders` accept and the others reject. */
function rulingOf(chain: TestChain, id: number, colluders: number): Ruling | undefined {
  const seats = panel(chain.ctx, id).map((inspector): Seat => {
    const ruling = inspector[0]! <= colluders ? "Accepted" : "Rejected";
    const vote = { ruling, fault: undefined, flop: 1n, hash: inspector, failed: undefined } as const;
    return { inspector, round: 0, sealing_key: undefined, commitment: inspector, vote };
  });
  return majorityOf(seats);
}

/** The part of draws in which a forged proof is accepted; each from the same state with another randomness. */
function wrongRate(weights: readonly bigint[], colluders: number, inspectors: number): number {
  const chain = market(weights.length, weights);
  const { ctx } = chain;
  // The trainer is the first, and does not judge itself.
  const id = train(chain, { inspectors, inspection_fee: BigInt(inspectors) * MAI });
  ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
  nextBlock(chain);
  let wrong = 0;
  for (let i = 0; i < draws; i++) {
    ctx.storage.begin();
    poh.BlockRandomness.set(ctx, blake2_256(encode(u32, i)));
    nextBlock(chain);
    expect(storage.Inspections.get(ctx, id)!.seats).toHaveLength(inspectors);
    if (rulingOf(chain, id, colluders) === "Accepted") wrong++;
    ctx.storage.rollback();
  }
  return wrong / draws;
}

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

/** Chance that more than half of `seats` drawn of `n`, without putting back, are among `bad`. */
function hypergeometric(n: number, bad: number, seats: number): number {
  let sum = 0;
  for (let k = (seats + 1) / 2; k <= seats; k++) sum += choose(bad, k) * choose(n - bad, seats - k);
  return sum / choose(n, seats);
}

/** The same with putting back. */
function binomial(part: number, seats: number): number {
  let sum = 0;
  for (let k = (seats + 1) / 2; k <= seats; k++)
    sum += choose(seats, k) * part ** k * (1 - part) ** (seats - k);
  return sum;
}

const deviation = (p: number): number => Math.sqrt((p * (1 - p)) / draws);

test.each([
  [10, 3],
  [20, 3],
  [40, 1],
  [40, 3],
  [40, 5],
  [40, 7],
])("with %i percent of equal trainers colluding, panels of %i err as chance has it", (percent, seats) => {
  // The trainer of the order, and 50 others.
  const bad = percent / 2;
  const weights = Array.from({ length: 51 }, () => 100n);
  const rate = wrongRate(weights, 1 + bad, seats);
  const expected = hypergeometric(50, bad, seats);
  expect(Math.abs(rate - expected)).toBeLessThan(4 * deviation(expected));
  // Drawing without putting back is never worse for the honest majority.
  expect(rate).toBeLessThan(binomial(percent / 100, seats) + 4 * deviation(expected));
});

test("40 % of the weight in few hands err less than in many, as each has one seat", () => {
  // Four with a tenth each, thirty with a fiftieth each.
  const weights = [100n, ...Array.from({ length: 4 }, () => 100n), ...Array.from({ length: 30 }, () => 20n)];
  const rate = wrongRate(weights, 5, 5);
  const expected = binomial(0.4, 5);
  expect(rate).toBeLessThan(expected - 4 * deviation(expected));
});
