/**
 * 20,000 slots of a lottery between two trainers with 70 % and 30 % of the compute, and what became of each. A minute
 * of curve arithmetic makes the record (`node scripts/accept-lottery.ts`); tests make parts of it again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Authority, Lottery } from "../../../pallets/poh/index.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { authorityOf, wallet } from "../../../test/support/wallet.ts";
import { localClaims } from "../local-claims.ts";

export const slots = 20_000;
/** As on the live chain, so that several epochs with randomness of their own are seen. */
export const epochLength = 4_800;

export const recordPath = join(import.meta.dirname, "lottery-record.txt");

const keys = [wallet(1), wallet(2)] as const;
export const trainers: readonly Authority[] = [authorityOf(keys[0], 70n), authorityOf(keys[1], 30n)];

/** The lottery of a slot. All seeds are fixed, so it is the same in every run. */
export function lotteryAt(slot: number, authorities: readonly Authority[]): Lottery {
  const epoch = BigInt(Math.floor(slot / epochLength));
  return { epoch, randomness: blake2_256(Buffer.from(`epoch ${epoch}`)), authorities };
}

/** What became of a slot: bit 0 and bit 1 say which trainers won it, bit 2 who is drawn for it otherwise. */
export function outcomeOf(slot: number): number {
  let outcome = 0;
  for (const { claim } of localClaims(lotteryAt(slot, trainers), BigInt(slot), keys)) {
    outcome |= claim.kind === "Primary" ? 1 << claim.trainer_index : claim.trainer_index << 2;
  }
  return outcome;
}

/** The outcomes of all slots, a digit each. */
export const readRecord = (): number[] =>
  [...readFileSync(recordPath, "utf8").replaceAll("\n", "")].map(Number);
