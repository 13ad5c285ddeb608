/**
 * How much one block may hold: two seconds of computation, of which users get three quarters, and five MiB.
 * The figures are those of a standalone Substrate chain with blocks of six seconds.
 */
import type { Value } from "../../runtime/primitives/codec.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u32, u64 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { subWeight, type Weight, weight, weightCodec, zeroWeight } from "../../runtime/primitives/weight.ts";
import { perClass } from "./per-class.ts";

const weightField = alias(weightCodec, "Weight");
const maybeWeight = alias(option(weightCodec), "Option<Weight>");

const weightsPerClass = struct("frame_system::limits::WeightsPerClass", {
  /** Weight of any extrinsic, before its call: signature check, nonce, bookkeeping. */
  base_extrinsic: weightField,
  /** The most that one extrinsic may weigh, its base left out. */
  max_extrinsic: maybeWeight,
  /** The most that the class may use of a block. */
  max_total: maybeWeight,
  /** What the class may use even when the block is full. */
  reserved: maybeWeight,
});
type WeightsPerClass = Value<typeof weightsPerClass>;

export const blockWeights = struct("frame_system::limits::BlockWeights", {
  base_block: weightField,
  max_block: weightField,
  per_class: alias(perClass(weightsPerClass), "PerDispatchClass<WeightsPerClass>"),
});
type BlockWeights = Value<typeof blockWeights>;

export const blockLength = struct("frame_system::limits::BlockLength", {
  max: alias(perClass(u32), "PerDispatchClass<u32>"),
});
type BlockLength = Value<typeof blockLength>;

/** Weight of one read and one write of the state, in picoseconds. */
export const dbWeight = struct("sp_weights::RuntimeDbWeight", { read: u64, write: u64 });

const second = 1_000_000_000_000n;
const maxBlock = weight(2n * second, 2n ** 64n - 1n);
const baseExtrinsic = weight(108_157_000n);
/** A tenth of a block is kept free for what happens when it begins. */
const onInitialize = share(maxBlock, 10n);

export const limits: BlockWeights = {
  base_block: weight(431_614_000n),
  max_block: maxBlock,
  per_class: {
    normal: classLimits(share(maxBlock, 75n), zeroWeight),
    operational: classLimits(maxBlock, subWeight(maxBlock, share(maxBlock, 75n))),
    // Inherents must be included whatever the block holds already.
    mandatory: {
      base_extrinsic: baseExtrinsic,
      max_extrinsic: undefined,
      max_total: undefined,
      reserved: undefined,
    },
  },
};

const maxLength = 5 * 1024 * 1024;
export const lengthLimits: BlockLength = {
  max: { normal: (maxLength / 4) * 3, operational: maxLength, mandatory: maxLength },
};

/** What RocksDB takes on Substrate's reference machine; ours is measured elsewhere and lies below. */
export const rocksDbWeight: Value<typeof dbWeight> = { read: 25_000_000n, write: 100_000_000n };

function classLimits(total: Weight, reserved: Weight): WeightsPerClass {
  return {
    base_extrinsic: baseExtrinsic,
    max_extrinsic: subWeight(subWeight(total, onInitialize), baseExtrinsic),
    max_total: total,
    reserved,
  };
}

/** `percent` of a weight, rounded down. */
function share({ ref_time, proof_size }: Weight, percent: bigint): Weight {
  return weight((ref_time * percent) / 100n, (proof_size * percent) / 100n);
}
