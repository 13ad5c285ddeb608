import type { Value } from "./codec.ts";
import { compact } from "./codec-compact.ts";
import { u64 } from "./codec-number.ts";
import { struct } from "./codec-struct.ts";

/** What executing something costs: picoseconds of a reference machine, and bytes of state a proof would need. */
export const weightCodec = struct("sp_weights::weight_v2::Weight", {
  ref_time: compact(u64),
  proof_size: compact(u64),
});
export type Weight = Value<typeof weightCodec>;

const max = 2n ** 64n - 1n;
const cap = (value: bigint): bigint => (value > max ? max : value);

export const weight = (ref_time: bigint, proof_size = 0n): Weight => ({ ref_time, proof_size });
export const zeroWeight: Weight = weight(0n);
export const maxWeight: Weight = weight(max, max);

/** The sum; like all arithmetic here it stops at the limits of u64. */
export const addWeight = (a: Weight, b: Weight): Weight =>
  weight(cap(a.ref_time + b.ref_time), cap(a.proof_size + b.proof_size));

export const subWeight = (a: Weight, b: Weight): Weight =>
  weight(
    a.ref_time > b.ref_time ? a.ref_time - b.ref_time : 0n,
    a.proof_size > b.proof_size ? a.proof_size - b.proof_size : 0n,
  );

export const mulWeight = (a: Weight, times: bigint): Weight =>
  weight(cap(a.ref_time * times), cap(a.proof_size * times));

export const minWeight = (a: Weight, b: Weight): Weight =>
  weight(lesser(a.ref_time, b.ref_time), lesser(a.proof_size, b.proof_size));

export const maxOfWeights = (a: Weight, b: Weight): Weight =>
  weight(greater(a.ref_time, b.ref_time), greater(a.proof_size, b.proof_size));

/** Whether `a` exceeds `b` in any dimension. */
export const anyAbove = (a: Weight, b: Weight): boolean =>
  a.ref_time > b.ref_time || a.proof_size > b.proof_size;

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

function greater(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}
