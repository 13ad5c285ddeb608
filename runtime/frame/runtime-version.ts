import { alias, type Codec, type Value } from "../primitives/codec.ts";
import { fixedBytes, str } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { u8, u32 } from "../primitives/codec-number.ts";
import { newtype, struct, tuple } from "../primitives/codec-struct.ts";

/** Borrowed or owned in Rust, which its metadata shows as a struct around the value. */
const cow = <T>(inner: Codec<T>, typeName: string): Codec<T> =>
  alias(newtype("Cow", inner, undefined, [{ name: "T", type: inner.type }]), typeName);

export const cowText = cow(str, "Cow<'static, str>");

/** What the runtime calls itself and which APIs it serves, each with the BLAKE2b-64 of its name. */
export const runtimeVersion = struct("sp_version::RuntimeVersion", {
  spec_name: cowText,
  impl_name: cowText,
  authoring_version: u32,
  spec_version: u32,
  impl_version: u32,
  apis: cow(vec(tuple(fixedBytes(8), u32)), "ApisVec"),
  transaction_version: u32,
  system_version: u8,
});
export type RuntimeVersion = Value<typeof runtimeVersion>;
