/** How large a challenge is for a machine, and what an answer says of it. */
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { constants as score } from "../compute-score/index.ts";
import { leafEntries } from "./gemm.ts";

const dayMs = 86_400_000n;
const flopPerUut = BigInt(score.FlopPerUut);
const step = BigInt(leafEntries);
const maxSide = 32_768n;
const maxRounds = 1_024n;
/** At least so many products, so that each but the first waits for the one before. */
const minRounds = 4n;

/** Sides and rounds that a machine of `uutPerDay` computes in about `ms`: the largest side that leaves four rounds. */
export function sizeFor(uutPerDay: bigint, ms: bigint): { n: number; rounds: number } {
  const flop = (uutPerDay * flopPerUut * ms) / dayMs;
  let side = step;
  while (side < maxSide && flopOf(side + step, minRounds) <= flop) side += step;
  const rounds = smallerOf(flop / flopOf(side, 1n) || 1n, maxRounds);
  return { n: Number(side), rounds: Number(rounds) };
}

/** `2 n^3 rounds` FLOP over the time they took, in whole uut per day. */
export const capacityOf = (n: number, rounds: number, elapsedMs: bigint): bigint =>
  (flopOf(BigInt(n), BigInt(rounds)) * dayMs) / (flopPerUut * (elapsedMs || 1n));

const flopOf = (n: bigint, rounds: bigint): bigint => 2n * n * n * n * rounds;
