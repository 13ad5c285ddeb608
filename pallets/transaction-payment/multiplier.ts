import { largerOf, maxU128, smallerOf } from "../../runtime/primitives/amounts.ts";
import {
  fixedFromRational,
  fixedMul,
  fixedOne,
  perbillFromRational,
  perquintillOf,
} from "../../runtime/primitives/fixed.ts";
import { minWeight, type Weight } from "../../runtime/primitives/weight.ts";

/** Polkadot's parameters: blocks a quarter full leave the fee as it is; a full block raises it by 5.6 parts in 100,000. */
const target = fixedOne / 4n;
const variability = fixedFromRational(75n, 1_000_000n);
const minimum = fixedFromRational(1n, 10n);
const maximum = maxU128;

/**
 * The fee multiplier (a `FixedU128`) of the next block, from the present one and the normal transactions of this
 * block: Substrate's `TargetedFeeAdjustment`. With s the fullness, s' the target and v the variability,
 * `next = previous * (1 + v (s - s') + (v (s - s'))^2 / 2)`, where s is that of the scarcer of time and proof size.
 */
export function nextMultiplier(previous: bigint, used: Weight, max: Weight): bigint {
  const before = largerOf(previous, minimum);
  const { value, limit } = scarcer(minWeight(used, max), max);
  const aim = perquintillOf(target, limit);
  const distance = value >= aim ? value - aim : aim - value;
  const share = fixedFromRational(distance, largerOf(limit, 1n));
  const first = fixedMul(variability, share);
  // v^2 / 2, then times the square of the distance: each step rounds down, as in Substrate.
  const second = fixedMul(fixedMul(variability, variability) / 2n, fixedMul(share, share));
  const next =
    value >= aim ? before + fixedMul(first + second, before) : before - fixedMul(first - second, before);
  return smallerOf(largerOf(next, minimum), maximum);
}

function scarcer(used: Weight, max: Weight): { value: bigint; limit: bigint } {
  const time = perbillFromRational(used.ref_time, largerOf(max.ref_time, 1n));
  const size = perbillFromRational(used.proof_size, largerOf(max.proof_size, 1n));
  return time < size
    ? { value: used.proof_size, limit: max.proof_size }
    : { value: used.ref_time, limit: max.ref_time };
}
