import { call } from "../../runtime/frame/call.ts";
import { none, signer } from "../../runtime/frame/origin.ts";
import type { Inherent } from "../../runtime/frame/pallet.ts";
import { alias, decode, type Value } from "../../runtime/primitives/codec.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { headerCodec } from "../../runtime/primitives/header.ts";
import { isReportable, report } from "./equivocation.ts";
import { author } from "./slot.ts";
import * as weights from "./weights.ts";

const header = alias(headerCodec, "Box<HeaderFor<T>>");

export const calls = {
  report_equivocation: call(
    0,
    { first: header, second: header },
    (ctx, { first, second }) => {
      report(ctx, first, second, signer(ctx));
      return { pays_fee: "No" };
    },
    {
      weight: weights.reportEquivocation,
      docs: "Reports two headers that one trainer sealed for one slot; the sender is rewarded. Free if the report holds.",
    },
  ),
  report_equivocation_unsigned: call(
    1,
    { first: header, second: header },
    (ctx, { first, second }) => {
      none(ctx);
      report(ctx, first, second, author(ctx));
    },
    {
      weight: weights.reportEquivocation,
      class: "Mandatory",
      docs: "Reports two headers that the block's author knows of, who is rewarded. An inherent.",
    },
  ),
};

/** What an author hands to its own block: the two headers. */
export const equivocationProof = struct("pallet_poh::EquivocationProof", {
  first: headerCodec,
  second: headerCodec,
});
export type EquivocationProof = Value<typeof equivocationProof>;

/** A node that sees two blocks for one slot has no account to sign with, but it may make a block. */
export const equivocationInherent: Inherent = {
  identifier: "poh_eqvo",
  isRequired: false,
  create(ctx, data) {
    const proof = decode(equivocationProof, data);
    // Anybody may have been faster, and an inherent that fails would spoil the block.
    if (!isReportable(ctx, proof.first, proof.second)) return undefined;
    return { type: "report_equivocation_unsigned", value: proof };
  },
  is: (inner) => inner.type === "report_equivocation_unsigned",
};
