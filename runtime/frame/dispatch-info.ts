import type { Value } from "../primitives/codec.ts";
import { struct } from "../primitives/codec-struct.ts";
import { option, unitEnum } from "../primitives/codec-tagged.ts";
import { minWeight, type Weight, weightCodec } from "../primitives/weight.ts";

/** Normal: users. Operational: keeps the chain running, may use the reserve. Mandatory: inherents. */
export const dispatchClass = unitEnum("frame_support::dispatch::DispatchClass", [
  "Normal",
  "Operational",
  "Mandatory",
]);
export type DispatchClass = Value<typeof dispatchClass>;

export const pays = unitEnum("frame_support::dispatch::Pays", ["Yes", "No"]);
export type Pays = Value<typeof pays>;

/** What a call declares before it runs. */
export const dispatchInfo = struct("frame_system::DispatchEventInfo", {
  weight: weightCodec,
  class: dispatchClass,
  pays_fee: pays,
});
export type DispatchInfo = Value<typeof dispatchInfo>;

/** What a call reports after it ran; no weight means: as declared. */
export const postDispatchInfo = struct("frame_support::dispatch::PostDispatchInfo", {
  actual_weight: option(weightCodec),
  pays_fee: pays,
});
export type PostDispatchInfo = Value<typeof postDispatchInfo>;

/** A report, or none. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that reports nothing returns nothing
export type OrNothing<T> = T | void;

/** Nothing to report. */
export const asDeclared: PostDispatchInfo = { actual_weight: undefined, pays_fee: "Yes" };

/** The weight that counts: what was reported, never more than what was declared. */
export function actualWeight(info: DispatchInfo, post: PostDispatchInfo): Weight {
  const actual = post.actual_weight;
  return actual === undefined ? info.weight : minWeight(actual, info.weight);
}

/** Whether a fee is due: both the declaration and the report must say so. */
export const paysFee = (info: DispatchInfo, post: PostDispatchInfo): boolean =>
  info.pays_fee === "Yes" && post.pays_fee === "Yes";
