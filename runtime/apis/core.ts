import { apiVersionOf } from "../api-versions.ts";
import { executeBlock, initializeBlock } from "../executive.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { runtimeVersion } from "../frame/runtime-version.ts";
import { unit } from "../primitives/codec-struct.ts";
import { unitEnum } from "../primitives/codec-tagged.ts";
import { headerCodec } from "../primitives/header.ts";
import { blockCodec } from "./wire.ts";

const inclusionMode = unitEnum("sp_runtime::ExtrinsicInclusionMode", ["AllExtrinsics", "OnlyInherents"]);

export const coreApi = runtimeApi("Core", apiVersionOf.Core, "What every runtime can do.", {
  version: method("Returns the version of the runtime.", {}, runtimeVersion, (ctx) => ctx.runtime.version),
  execute_block: method("Executes the given block.", { block: blockCodec }, unit, (ctx, { block }) => {
    executeBlock(ctx.storage, block);
    return undefined;
  }),
  initialize_block: method(
    "Begins a block with the given header.",
    { header: headerCodec },
    inclusionMode,
    (ctx, { header }) => {
      initializeBlock(ctx.storage, header);
      return "AllExtrinsics";
    },
  ),
});
