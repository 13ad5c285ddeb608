import type { ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import { concatBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { storage } from "./schema.ts";

/** So many outputs share an entry of the state: an epoch of 4,800 is too long for one that grows with each block. */
const outputsPerPage = 256;

/**
 * 32 bytes of this block, from its initialization on: BLAKE2b-256 of those of its parent and its VRF output. Its author
 * knows them before it makes the block, and can only choose to make none; whoever draws lots takes those of a block
 * after the last choice that the lots are about.
 */
export const blockRandomness = (ctx: ReadCtx): Uint8Array => storage.BlockRandomness.get(ctx);

/** Adds this block's VRF output to the randomness of the block and of the epoch after the next one. */
export function mix(ctx: WriteCtx, output: Uint8Array): void {
  storage.BlockRandomness.set(ctx, blake2_256(concatBytes(blockRandomness(ctx), output)));
  const count = storage.OutputCount.get(ctx);
  storage.Outputs.append(ctx, Math.floor(count / outputsPerPage), output);
  storage.OutputCount.set(ctx, count + 1);
}

/**
 * `blake2_256(previous || u64_le(ended) || all VRF outputs of the epoch that ended)`: the randomness of the epoch two
 * after the one that ended, where `previous` is that of the epoch between. Effects: forgets the outputs.
 */
export function nextRandomness(ctx: WriteCtx, previous: Uint8Array, ended: bigint): Uint8Array {
  const pages = Math.ceil(storage.OutputCount.get(ctx) / outputsPerPage);
  const outputs = Array.from({ length: pages }, (_, page) => storage.Outputs.take(ctx, page));
  storage.OutputCount.set(ctx, 0);
  return blake2_256(concatBytes(previous, encode(u64, ended), ...outputs.flat()));
}
