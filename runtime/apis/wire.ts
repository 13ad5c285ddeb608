import { extraCodec } from "../extensions.ts";
import { dispatchOutcome } from "../frame/dispatch-outcome.ts";
import { runtimeCall } from "../frame/runtime-call.ts";
import { multiAddress } from "../primitives/account.ts";
import { type Codec, encode } from "../primitives/codec.ts";
import { bytes } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { struct } from "../primitives/codec-struct.ts";
import { result } from "../primitives/codec-tagged.ts";
import { headerCodec } from "../primitives/header.ts";
import { multiSignature } from "../primitives/signature.ts";
import { namedType } from "../primitives/type-def.ts";
import { transactionValidityError } from "../primitives/validity.ts";

/** An extrinsic in its wire form; the length that stands before it is part of the value. */
export const opaqueExtrinsic: Codec<Uint8Array> = {
  type: namedType(
    "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic",
    { tag: "composite", fields: [{ type: bytes.type }] },
    [
      { name: "Address", type: multiAddress.type },
      { name: "Call", type: runtimeCall.type },
      { name: "Signature", type: multiSignature.type },
      { name: "Extra", type: extraCodec.type },
    ],
  ),
  encode: (extrinsic, out) => out.bytes(extrinsic),
  decode: (input) => encode(bytes, bytes.decode(input)),
};

export const blockCodec = struct(
  "sp_runtime::generic::block::Block",
  { header: headerCodec, extrinsics: vec(opaqueExtrinsic) },
  [
    { name: "Header", type: headerCodec.type },
    { name: "Extrinsic", type: opaqueExtrinsic.type },
  ],
);

export const applyExtrinsicResult = result(dispatchOutcome, transactionValidityError);
