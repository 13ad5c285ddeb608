/** The time of the block, set once in each by its author. */
import { call } from "../../runtime/frame/call.ts";
import { parameter } from "../../runtime/frame/constant.ts";
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { DispatchError, ensure } from "../../runtime/frame/dispatch-error.ts";
import { none } from "../../runtime/frame/origin.ts";
import { genesis, type Inherent, pallet } from "../../runtime/frame/pallet.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { value } from "../../runtime/frame/storage-item.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { alias, decode } from "../../runtime/primitives/codec.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { bool, u64 } from "../../runtime/primitives/codec-number.ts";
import { weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";
import { docs } from "./docs.ts";

const self = schema("Timestamp", {
  docs,
  storage: {
    Now: value(u64, 0n),
    DidUpdate: value(bool, false),
  },
  constants: {
    /** Half of a slot, in milliseconds. */
    MinimumPeriod: parameter(u64, 3000n),
  },
});
export const { storage, constants } = self;

/** Unix time in milliseconds: of this block once its author has set it, of the one before until then. */
export const now = (ctx: ReadCtx): bigint => storage.Now.get(ctx);

/** How far ahead of a checking node's clock a block's time may lie, in milliseconds. */
const maxDrift = 30_000n;

const inherent: Inherent = {
  identifier: "timstap0",
  isRequired: true,
  create(ctx, data) {
    const earliest = now(ctx) + constants.MinimumPeriod(ctx);
    return { type: "set", value: { now: largerOf(decode(u64, data), earliest) } };
  },
  is: (call) => call.type === "set",
  check(ctx, call, data) {
    const { now: claimed } = call.value as { now: bigint };
    if (claimed > decode(u64, data) + maxDrift) return "the block's time lies too far in the future";
    if (claimed < now(ctx) + constants.MinimumPeriod(ctx)) return "the block's time is too early";
    return undefined;
  },
};

export const timestamp = pallet(self, {
  calls: {
    set: call(
      0,
      { now: compact(alias(u64, "T::Moment")) },
      (ctx, { now: moment }) => {
        none(ctx);
        // A mandatory call that fails makes the whole block invalid.
        ensure(!storage.DidUpdate.exists(ctx), badTime);
        const before = now(ctx);
        ensure(before === 0n || moment >= before + constants.MinimumPeriod(ctx), badTime);
        storage.Now.set(ctx, moment);
        storage.DidUpdate.set(ctx, true);
      },
      {
        weight: withDb(weight(9_500_000n, 1_493n), 2n, 1n),
        class: "Mandatory",
        docs: "Sets the time of the block. An inherent: the author puts it first in each block.",
      },
    ),
  },
  inherent,
  // What `onFinalize` will take.
  onInitialize: () => weight(4_000_000n),
  onFinalize(ctx) {
    if (!storage.DidUpdate.take(ctx)) throw new Error("the block does not set its time");
  },
  genesis: genesis({ minimumPeriod: u64 }, { minimumPeriod: 3000n }, (ctx, { minimumPeriod }) => {
    constants.MinimumPeriod.set(ctx, minimumPeriod);
  }),
});

function badTime(): DispatchError {
  return new DispatchError({ type: "Other" });
}
