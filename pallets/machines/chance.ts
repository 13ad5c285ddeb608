import type { Ctx } from "../../runtime/frame/ctx.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { blockRandomness, constants as poh } from "../poh/index.ts";
import { queueChallenge } from "./challenge.ts";
import { existing, isAvailable } from "./machine.ts";
import { constants, storage } from "./schema.ts";

/**
 * Challenges machines by chance, each as often as `ChallengeEpochs` says, however many there are. The block's randomness
 * decides, so nobody knows the moment before; there is nothing to compute in advance.
 */
export function challengeByChance(ctx: Ctx): number {
  const machines = BigInt(storage.CounterForMachines.get(ctx));
  const interval = BigInt(constants.ChallengeEpochs) * poh.EpochLength(ctx);
  const draws = Number((machines + interval - 1n) / interval);
  for (let i = 0; i < draws; i++) {
    const place = numberOf(ctx, i) % (BigInt(draws) * interval);
    if (place < machines) challengeAt(ctx, Number(place));
  }
  return draws;
}

function challengeAt(ctx: Ctx, place: number): void {
  const id = storage.MachineAt.get(ctx, place)!;
  // One that is not there has to pass a challenge anyway, and one at work would be measured by what is left of it.
  if (isAvailable(ctx, id) && existing(ctx, id).engagements === 0) queueChallenge(ctx, id);
}

/** 256 bits, of which a remainder by less than 2^64 favours no place by more than 2^-192. */
function numberOf(ctx: Ctx, draw: number): bigint {
  const hash = blake2_256(concatBytes(textBytes("machines/chance"), blockRandomness(ctx), encode(u32, draw)));
  return hash.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
