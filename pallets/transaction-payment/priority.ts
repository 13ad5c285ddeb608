import type { DispatchInfo } from "../../runtime/frame/dispatch-info.ts";
import { ceilAdd, largerOf, maxU128, smallerOf } from "../../runtime/primitives/amounts.ts";
import { ofClass, constants as system } from "../system/index.ts";
import { constants } from "./schema.ts";

/**
 * The priority (u64) of a transaction in the pool: its tip, plus one, for each block's worth of the scarcer of
 * weight and length that it uses. Operational transactions count `OperationalFeeMultiplier` times their fee as
 * a tip, so that they go first unless somebody pays for it.
 */
export function transactionPriority(info: DispatchInfo, length: number, tip: bigint, fee: bigint): bigint {
  const { ref_time, proof_size } = system.BlockWeights.max_block;
  const maxLength = BigInt(ofClass(system.BlockLength.max, info.class));
  const byTime = ref_time / smallerOf(largerOf(info.weight.ref_time, 1n), ref_time);
  const bySize = proof_size / smallerOf(largerOf(info.weight.proof_size, 1n), proof_size);
  const byLength = maxLength / smallerOf(largerOf(BigInt(length), 1n), maxLength);
  const perBlock = smallerOf(byLength, smallerOf(byTime, bySize));

  const scaled = reward(ceilAdd(tip, 1n), perBlock);
  if (info.class !== "Operational") return smallerOf(scaled, maxU64);
  const virtualTip = smallerOf(fee * BigInt(constants.OperationalFeeMultiplier), maxU128);
  return smallerOf(scaled + reward(virtualTip, perBlock), maxU64);
}

const maxU64 = (1n << 64n) - 1n;
const reward = (value: bigint, perBlock: bigint): bigint => smallerOf(value * perBlock, maxU128);
