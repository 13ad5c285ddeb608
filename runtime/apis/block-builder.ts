import { apiVersionOf } from "../api-versions.ts";
import { applyExtrinsic, finalizeBlock } from "../executive.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { checkInherents, createInherents, inherentData } from "../inherents.ts";
import { textBytes } from "../primitives/bytes.ts";
import { encode } from "../primitives/codec.ts";
import { str } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { bool } from "../primitives/codec-number.ts";
import { struct } from "../primitives/codec-struct.ts";
import { headerCodec } from "../primitives/header.ts";
import { applyExtrinsicResult, blockCodec, opaqueExtrinsic } from "./wire.ts";

const checkInherentsResult = struct("sp_inherents::CheckInherentsResult", {
  okay: bool,
  fatal_error: bool,
  errors: inherentData,
});

export const blockBuilderApi = runtimeApi(
  "BlockBuilder",
  apiVersionOf.BlockBuilder,
  "What an author does, one step after the other.",
  {
    apply_extrinsic: method(
      "Applies an extrinsic to the block that is being built.",
      { extrinsic: opaqueExtrinsic },
      applyExtrinsicResult,
      (ctx, { extrinsic }) => applyExtrinsic(ctx.storage, extrinsic),
    ),
    finalize_block: method("Ends the block and returns its header.", {}, headerCodec, (ctx) =>
      finalizeBlock(ctx.storage),
    ),
    inherent_extrinsics: method(
      "Makes the extrinsics that a block must begin with.",
      { inherent: inherentData },
      vec(opaqueExtrinsic),
      (ctx, { inherent }) => createInherents(ctx.storage, inherent),
    ),
    check_inherents: method(
      "Compares a block's inherents with what this node knows.",
      { block: blockCodec, data: inherentData },
      checkInherentsResult,
      (ctx, { block, data }) => {
        const problems = checkInherents(ctx.storage, block.extrinsics, data);
        const errors = problems.map((p) => [textBytes(p.identifier), encode(str, p.problem)] as const);
        return {
          okay: problems.length === 0,
          fatal_error: problems.length > 0,
          // One for each kind of data.
          errors: { data: errors.filter(([a], i) => errors.findIndex(([b]) => `${a}` === `${b}`) === i) },
        };
      },
    ),
  },
);
