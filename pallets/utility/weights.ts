/** What the calls weigh, inner calls aside: Substrate's published measurements on its reference machine. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

const each =
  (base: Weight, perCall: bigint) =>
  (calls: number): Weight =>
    addWeight(base, mulWeight(weight(perCall), BigInt(calls)));

export const batch = each(withDb(weight(19_388_813n, 3_997n), 2n, 0n), 4_591_113n);
export const batchAll = each(withDb(weight(22_628_420n, 3_997n), 2n, 0n), 4_797_007n);
export const forceBatch = each(withDb(weight(23_270_604n, 3_997n), 2n, 0n), 4_570_923n);
/** With the account of the derived origin. */
export const asDerivative: Weight = withDb(weight(10_896_000n, 3_997n), 3n, 1n);
export const dispatchAs: Weight = weight(6_985_000n);
export const ifElse: Weight = withDb(weight(11_000_000n, 3_997n), 2n, 0n);
