import { apiVersionOf } from "../api-versions.ts";
import type { Ctx } from "../frame/ctx.ts";
import { type MetadataVersion, metadataVersions } from "../frame/metadata/metadata.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { bytes } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { u32 } from "../primitives/codec-number.ts";
import { newtype } from "../primitives/codec-struct.ts";
import { option } from "../primitives/codec-tagged.ts";

const opaqueMetadata = newtype("sp_core::OpaqueMetadata", bytes, "Vec<u8>");

/** Metadata tells of all APIs, this one included, so whoever has their list passes in how it is made. */
export const metadataApi = (encoded: (ctx: Ctx, version: MetadataVersion) => Uint8Array) =>
  runtimeApi("Metadata", apiVersionOf.Metadata, "What clients need to know to speak to the runtime.", {
    // Version 14 for ever: it is what those ask for who know no better.
    metadata: method("Metadata of version 14.", {}, opaqueMetadata, (ctx) => encoded(ctx, 14)),
    metadata_at_version: method(
      "Metadata of the given version, if it is known.",
      { version: u32 },
      option(opaqueMetadata),
      (ctx, { version }) => {
        const known = metadataVersions.find((v) => v === version);
        return known && encoded(ctx, known);
      },
    ),
    metadata_versions: method("The versions that are known.", {}, vec(u32), () => metadataVersions),
  });
