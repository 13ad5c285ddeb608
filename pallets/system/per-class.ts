import type { DispatchClass } from "../../runtime/frame/dispatch-info.ts";
import type { Codec } from "../../runtime/primitives/codec.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { addWeight, subWeight, type Weight, weightCodec } from "../../runtime/primitives/weight.ts";

/** One value for each dispatch class. */
export interface PerClass<T> {
  readonly normal: T;
  readonly operational: T;
  readonly mandatory: T;
}

export function perClass<T>(item: Codec<T>): Codec<PerClass<T>> {
  const field = alias(item, "T");
  return struct(
    "frame_support::dispatch::PerDispatchClass",
    { normal: field, operational: field, mandatory: field },
    [{ name: "T", type: item.type }],
  );
}

export type ConsumedWeight = PerClass<Weight>;
export const consumedWeight: Codec<ConsumedWeight> = perClass(weightCodec);

export const ofClass = <T>(values: PerClass<T>, dispatchClass: DispatchClass): T =>
  values[field[dispatchClass]];

export const accrue = (
  consumed: ConsumedWeight,
  weight: Weight,
  dispatchClass: DispatchClass,
): ConsumedWeight => withClass(consumed, dispatchClass, (before) => addWeight(before, weight));

export const reduce = (
  consumed: ConsumedWeight,
  weight: Weight,
  dispatchClass: DispatchClass,
): ConsumedWeight => withClass(consumed, dispatchClass, (before) => subWeight(before, weight));

/** All classes together. */
export const totalWeight = (consumed: ConsumedWeight): Weight =>
  addWeight(addWeight(consumed.normal, consumed.operational), consumed.mandatory);

function withClass(
  consumed: ConsumedWeight,
  dispatchClass: DispatchClass,
  change: (before: Weight) => Weight,
): ConsumedWeight {
  const name = field[dispatchClass];
  return { ...consumed, [name]: change(consumed[name]) };
}

const field = { Normal: "normal", Operational: "operational", Mandatory: "mandatory" } as const;
