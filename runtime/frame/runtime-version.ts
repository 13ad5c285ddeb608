import type { Value } from "../primitives/codec.ts";
import { fixedBytes, str } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { u8, u32 } from "../primitives/codec-number.ts";
import { struct, tuple } from "../primitives/codec-struct.ts";

/** What the runtime calls itself and which APIs it serves, each with the BLAKE2b-64 of its name. */
export const runtimeVersion = struct("sp_version::RuntimeVersion", {
  spec_name: str,
  impl_name: str,
  authoring_version: u32,
  spec_version: u32,
  impl_version: u32,
  apis: vec(tuple(fixedBytes(8), u32)),
  transaction_version: u32,
  system_version: u8,
});
export type RuntimeVersion = Value<typeof runtimeVersion>;
