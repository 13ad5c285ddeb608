import { call } from "../../runtime/frame/call.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { none, signer } from "../../runtime/frame/origin.ts";
import type { Inherent } from "../../runtime/frame/pallet.ts";
import { alias, decode } from "../../runtime/primitives/codec.ts";
import { blockAuthor } from "../../runtime/primitives/digest.ts";
import { equivocationProof } from "../../runtime/primitives/grandpa.ts";
import { storage as system } from "../system/index.ts";
import { report, reportFault } from "./equivocation.ts";
import * as weights from "./weights.ts";

const proof = alias(equivocationProof, "Box<EquivocationProof<T::Hash, BlockNumberFor<T>>>");

export const calls = {
  report_equivocation: call(
    0,
    { equivocation_proof: proof },
    (ctx, { equivocation_proof }) => {
      report(ctx, equivocation_proof, signer(ctx));
      return { pays_fee: "No" };
    },
    {
      weight: weights.reportEquivocation,
      docs: "Reports a double vote; the sender is rewarded. Free if the report holds.",
    },
  ),
  report_equivocation_unsigned: call(
    1,
    { equivocation_proof: proof },
    (ctx, { equivocation_proof }) => {
      none(ctx);
      report(ctx, equivocation_proof, authorOf(ctx));
    },
    {
      weight: weights.reportEquivocation,
      class: "Mandatory",
      docs: "Reports a double vote that the block's author knows of, who is rewarded. An inherent.",
    },
  ),
};

/** A voter has no account to sign with: it hands a proof to its own author, who puts it into the next block. */
export const equivocationInherent: Inherent = {
  identifier: "graneqvo",
  isRequired: false,
  create(ctx: ReadCtx, data) {
    const equivocation_proof = decode(equivocationProof, data);
    // Anybody may have been faster, and an inherent that fails would spoil the block.
    if (reportFault(ctx, equivocation_proof)) return undefined;
    return { type: "report_equivocation_unsigned", value: { equivocation_proof } };
  },
  is: (inner) => inner.type === "report_equivocation_unsigned",
};

const authorOf = (ctx: Ctx): Uint8Array | undefined => blockAuthor(system.Digest.get(ctx).logs);
