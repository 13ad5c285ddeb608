/**
 * What a transaction costs:
 * `base fee + length fee + multiplier * weight fee + tip`, where only the weight fee follows demand.
 */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import {
  actualWeight,
  type DispatchClass,
  type DispatchInfo,
  dispatchClass,
  type PostDispatchInfo,
  paysFee,
} from "../../runtime/frame/dispatch-info.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { fixedMulInt } from "../../runtime/primitives/fixed.ts";
import { minWeight, type Weight, weightCodec } from "../../runtime/primitives/weight.ts";
import { ofClass, constants as system } from "../system/index.ts";
import { storage } from "./schema.ts";

const amount = alias(u128, "Balance");
const generics = [{ name: "Balance", type: u128.type }];

/** The parts of the fee that a transaction must pay to be included. */
const inclusionFee = struct(
  "pallet_transaction_payment::types::InclusionFee",
  { base_fee: amount, len_fee: amount, adjusted_weight_fee: amount },
  generics,
);

export const feeDetails = struct(
  "pallet_transaction_payment::types::FeeDetails",
  { inclusion_fee: alias(option(inclusionFee), "Option<InclusionFee<Balance>>"), tip: amount },
  generics,
);
export type FeeDetails = Value<typeof feeDetails>;

export const runtimeDispatchInfo = struct(
  "pallet_transaction_payment::types::RuntimeDispatchInfo",
  {
    weight: alias(weightCodec, "Weight"),
    class: alias(dispatchClass, "DispatchClass"),
    partial_fee: amount,
  },
  [...generics, { name: "Weight", type: weightCodec.type }],
);
export type RuntimeDispatchInfo = Value<typeof runtimeDispatchInfo>;

/** Smallest units for each byte: a block full of bytes costs about as much as one full of computation. */
const feePerByte = 1_000_000n;

/** The fee for so many bytes. */
export const lengthToFee = (length: number): bigint => BigInt(length) * feePerByte;

/** The fee for a weight, before demand is counted in: one smallest unit for each picosecond. */
export const weightToFee = (weight: Weight): bigint =>
  minWeight(weight, system.BlockWeights.max_block).ref_time;

/** The fee that is due before a call is dispatched, the tip included. */
export const computeFee = (ctx: ReadCtx, length: number, info: DispatchInfo, tip: bigint): bigint =>
  finalFee(computeFeeDetails(ctx, length, info, tip));

export const computeFeeDetails = (
  ctx: ReadCtx,
  length: number,
  info: DispatchInfo,
  tip: bigint,
): FeeDetails => details(ctx, length, info.weight, info.class, info.pays_fee === "Yes", tip);

/** The fee that remains due after the call, by what it really used. */
export const computeActualFee = (
  ctx: ReadCtx,
  length: number,
  info: DispatchInfo,
  post: PostDispatchInfo,
  tip: bigint,
): bigint => finalFee(details(ctx, length, actualWeight(info, post), info.class, paysFee(info, post), tip));

/** What clients are told of a transaction; one without a signature or extensions (`bare`) pays nothing. */
export const queryInfo = (
  ctx: ReadCtx,
  info: DispatchInfo,
  length: number,
  bare = false,
): RuntimeDispatchInfo => ({
  weight: info.weight,
  class: info.class,
  partial_fee: bare ? 0n : computeFee(ctx, length, info, 0n),
});

export const queryFeeDetails = (
  ctx: ReadCtx,
  info: DispatchInfo,
  length: number,
  bare = false,
): FeeDetails => (bare ? { inclusion_fee: undefined, tip: 0n } : computeFeeDetails(ctx, length, info, 0n));

/** All parts together. */
export function finalFee({ inclusion_fee, tip }: FeeDetails): bigint {
  if (inclusion_fee === undefined) return tip;
  return inclusion_fee.base_fee + inclusion_fee.len_fee + inclusion_fee.adjusted_weight_fee + tip;
}

function details(
  ctx: ReadCtx,
  length: number,
  weight: Weight,
  ofDispatchClass: DispatchClass,
  pays: boolean,
  tip: bigint,
): FeeDetails {
  if (!pays) return { inclusion_fee: undefined, tip };
  const base = ofClass(system.BlockWeights.per_class, ofDispatchClass).base_extrinsic;
  return {
    inclusion_fee: {
      base_fee: weightToFee(base),
      len_fee: lengthToFee(length),
      adjusted_weight_fee: fixedMulInt(storage.NextFeeMultiplier.get(ctx), weightToFee(weight)),
    },
    tip,
  };
}
