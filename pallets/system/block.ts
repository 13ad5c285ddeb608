/**
 * What a block's execution writes down about itself, in the order in which it happens: `initialize`,
 * `noteFinishedInitialize`, for each extrinsic `noteExtrinsic` and `noteAppliedExtrinsic`, then
 * `noteFinishedExtrinsics` and `finalize`.
 */
import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import {
  actualWeight,
  type DispatchClass,
  type DispatchInfo,
  type PostDispatchInfo,
  paysFee,
} from "../../runtime/frame/dispatch-info.ts";
import type { DispatchResult } from "../../runtime/frame/dispatch-result.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { decode, encode, lent } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { type Digest, type DigestItem, encodeDigestItem } from "../../runtime/primitives/digest.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { Reader } from "../../runtime/primitives/reader.ts";
import { addWeight, subWeight, type Weight } from "../../runtime/primitives/weight.ts";
import { writeRecord } from "./event-record.ts";
import { accrue, ofClass, reduce } from "./per-class.ts";
import { constants, events, storage } from "./schema.ts";

const extrinsicIndexKey = textBytes(":extrinsic_index");
const entropyKey = textBytes(":intrablock_entropy");
const phaseKey = storage.ExecutionPhase.key();
const eventsKey = storage.Events.key();
const initialization = Uint8Array.of(2);
const finalization = Uint8Array.of(1);

export const blockNumber = (ctx: ReadCtx): number => storage.Number.get(ctx);
/** The hash of an earlier block, as long as it is kept; zeroes otherwise. */
export const blockHash = (ctx: ReadCtx, number: number): Uint8Array => storage.BlockHash.get(ctx, number);

/** Position of the extrinsic that runs now; 0 outside of any. */
export function extrinsicIndex(ctx: ReadCtx): number {
  const stored = ctx.storage.get(extrinsicIndexKey);
  return stored === undefined ? 0 : decode(u32, stored);
}

/** Begins a block: what the last one left for readers goes, what this one is comes. */
export function initialize(ctx: WriteCtx, number: number, parentHash: Uint8Array, digest: Digest): void {
  resetEvents(ctx);
  ctx.storage.set(phaseKey, initialization);
  setExtrinsicIndex(ctx, 0);
  ctx.storage.set(entropyKey, blake2_256(new Uint8Array([...entropyLabel, ...parentHash])));
  storage.Number.set(ctx, number);
  storage.Digest.set(ctx, { logs: digest });
  storage.ParentHash.set(ctx, parentHash);
  storage.BlockHash.set(ctx, number - 1, parentHash);
  storage.BlockWeight.delete(ctx);
}
const entropyLabel = textBytes("frame_system::initialize");

/** All pallets have seen the block begin; extrinsics come next. */
export const noteFinishedInitialize = (ctx: WriteCtx): void => setPhase(ctx, 0);

/** Keeps an extrinsic, with its length prefix, for the root of extrinsics. */
export function noteExtrinsic(ctx: WriteCtx, extrinsic: Uint8Array): void {
  lent(
    (out) => bytes.encode(extrinsic, out),
    (item) => ctx.storage.append(extrinsicsKey, item),
  );
}
// One growing list under the item's prefix rather than FRAME's entry for each: it does not outlive the block, and
// a thousand entries made and removed would each cost the state a look-up.
const extrinsicsKey = storage.ExtrinsicData.key();
const extrinsicList = vec(bytes);

/** Tells how an extrinsic ended, with what it really used, as the last of its events. */
export function noteAppliedExtrinsic(ctx: Ctx, result: DispatchResult, info: DispatchInfo): void {
  const base = ofClass(constants.BlockWeights.per_class, info.class).base_extrinsic;
  const dispatch_info: DispatchInfo = {
    weight: addWeight(actualWeight(info, result.info), base),
    class: info.class,
    pays_fee: paysFee(info, result.info) ? "Yes" : "No",
  };
  if (result.ok) events.ExtrinsicSuccess(ctx, { dispatch_info });
  else events.ExtrinsicFailed(ctx, { dispatch_error: result.error, dispatch_info });
  const next = extrinsicIndex(ctx) + 1;
  setExtrinsicIndex(ctx, next);
  setPhase(ctx, next);
  if (storage.ExtrinsicWeightReclaimed.exists(ctx)) storage.ExtrinsicWeightReclaimed.delete(ctx);
}

/** The last extrinsic has been applied. */
export function noteFinishedExtrinsics(ctx: WriteCtx): void {
  storage.ExtrinsicCount.set(ctx, extrinsicIndex(ctx));
  ctx.storage.delete(extrinsicIndexKey);
  ctx.storage.set(phaseKey, finalization);
}

/** What a block's execution determines of its header, roots aside. */
export interface FinalizedBlock {
  readonly number: number;
  readonly parentHash: Uint8Array;
  readonly digest: Digest;
  /** As they were noted. */
  readonly extrinsics: readonly Uint8Array[];
}

/**
 * Ends a block: removes what must not reach the state, and forgets the hash that has grown too old; that of
 * block 0, by which clients know the chain, stays. Events stay for readers until the next block.
 */
export function finalize(ctx: WriteCtx): FinalizedBlock {
  const recorded = ctx.storage.get(eventsKey);
  if (recorded !== undefined) storage.EventCount.set(ctx, new Reader(recorded).compact());
  ctx.storage.delete(phaseKey);
  storage.AllExtrinsicsLen.delete(ctx);
  ctx.storage.delete(entropyKey);
  storage.ExtrinsicCount.delete(ctx);
  const noted = ctx.storage.get(extrinsicsKey);
  ctx.storage.delete(extrinsicsKey);
  const number = blockNumber(ctx);
  const oldest = number - constants.BlockHashCount - 1;
  if (oldest > 0) storage.BlockHash.delete(ctx, oldest);
  return {
    number,
    parentHash: storage.ParentHash.get(ctx),
    digest: storage.Digest.get(ctx).logs,
    extrinsics: noted === undefined ? [] : decode(extrinsicList, noted),
  };
}

/**
 * Records an event, given in its encoding; none outside a block's execution, such as at genesis, where nobody
 * could ever read it. Each event costs two steps on the storage: that is why `EventCount` waits for `finalize`.
 */
export function depositEvent(ctx: WriteCtx, event: Uint8Array, topics: readonly Uint8Array[]): void {
  const phase = ctx.storage.get(phaseKey);
  if (phase === undefined) return;
  const count = lent(
    (out) => writeRecord(out, phase, event, topics),
    (record) => ctx.storage.append(eventsKey, record),
  );
  for (const topic of topics) storage.EventTopics.append(ctx, topic, [blockNumber(ctx), count - 1]);
}

/** Adds an entry to the block's digest. */
export function depositLog(ctx: WriteCtx, item: DigestItem): void {
  ctx.storage.append(digestKey, encodeDigestItem(item));
}
const digestKey = storage.Digest.key();

/** Counts weight that no extrinsic declared, such as that of hooks. It is not held against any limit. */
export function registerExtraWeight(ctx: WriteCtx, weight: Weight, dispatchClass: DispatchClass): void {
  storage.BlockWeight.mutate(ctx, (consumed) => accrue(consumed, weight, dispatchClass));
}

/** Gives back to the block what an extrinsic declared and did not use; safe to call more than once for it. */
export function reclaimWeight(ctx: WriteCtx, info: DispatchInfo, post: PostDispatchInfo): void {
  const reclaimed = storage.ExtrinsicWeightReclaimed.get(ctx);
  const more = subWeight(subWeight(info.weight, actualWeight(info, post)), reclaimed);
  if (more.ref_time === 0n && more.proof_size === 0n) return;
  storage.BlockWeight.mutate(ctx, (consumed) => reduce(consumed, more, info.class));
  storage.ExtrinsicWeightReclaimed.set(ctx, addWeight(reclaimed, more));
}

function resetEvents(ctx: WriteCtx): void {
  storage.Events.delete(ctx);
  storage.EventCount.delete(ctx);
  storage.EventTopics.clear(ctx, []);
}

function setPhase(ctx: WriteCtx, index: number): void {
  storage.ExecutionPhase.set(ctx, { type: "ApplyExtrinsic", value: index });
}

function setExtrinsicIndex(ctx: WriteCtx, index: number): void {
  ctx.storage.set(extrinsicIndexKey, encode(u32, index));
}
