/** The pallet of the README, whole: it counts for those who sign, each to a hundred. */
import { call } from "../../runtime/frame/call.ts";
import { constant } from "../../runtime/frame/constant.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { blake2Concat } from "../../runtime/frame/hasher.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { pallet } from "../../runtime/frame/pallet.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { map } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { weight } from "../../runtime/primitives/weight.ts";

const self = schema("Counter", {
  storage: { Count: map(blake2Concat(accountId), u32, 0) },
  events: { Counted: { who: accountId, count: u32 } },
  errors: { Full: "This account has counted to the end." },
  constants: { Most: constant(u32, 100) },
});
export const { storage, events, errors, constants } = self;

export const counter = pallet(self, {
  calls: {
    count: call(
      0,
      { by: u32 },
      (ctx, { by }) => {
        const who = signer(ctx);
        const count = storage.Count.get(ctx, who) + by;
        ensure(count <= constants.Most, errors.Full);
        storage.Count.set(ctx, who, count);
        events.Counted(ctx, { who, count });
      },
      { weight: weight(10_000_000n), docs: "Counts for the sender." },
    ),
  },
});
