/** What the calls weigh: Substrate's published measurements on its reference machine. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { rocksDbWeight } from "./limits.ts";

/** Weight of reading and writing this many entries of the state. */
export const dbWeights = (reads: bigint, writes: bigint): Weight =>
  weight(reads * rocksDbWeight.read + writes * rocksDbWeight.write);

/** `base` and `reads`, `writes` of the state. */
export const withDb = (base: Weight, reads: bigint, writes: bigint): Weight =>
  addWeight(base, dbWeights(reads, writes));

export const remark = (bytes: number): Weight =>
  addWeight(weight(2_004_000n), mulWeight(weight(390n), BigInt(bytes)));
export const setHeapPages: Weight = withDb(weight(4_055_000n, 1_485n), 1n, 2n);
export const setCode: Weight = withDb(weight(75_000_000_000n, 1_485n), 1n, 2n);
export const setStorage = (items: number): Weight =>
  addWeight(weight(2_000_000n), mulWeight(addWeight(weight(720_000n), dbWeights(0n, 1n)), BigInt(items)));
export const killStorage = (keys: number): Weight =>
  addWeight(weight(2_000_000n), mulWeight(addWeight(weight(550_000n), dbWeights(0n, 1n)), BigInt(keys)));
export const killPrefix = (keys: number): Weight =>
  addWeight(
    weight(3_800_000n),
    mulWeight(addWeight(weight(1_150_000n, 70n), dbWeights(1n, 1n)), BigInt(keys)),
  );
export const remarkWithEvent = (bytes: number): Weight =>
  addWeight(weight(6_500_000n), mulWeight(weight(1_414n), BigInt(bytes)));
export const authorizeUpgrade: Weight = withDb(weight(9_000_000n), 0n, 1n);
export const applyAuthorizedUpgrade: Weight = withDb(weight(80_000_000_000n, 1_518n), 2n, 3n);
