import { type Extra, extraCodec, writeImplied } from "./extensions.ts";
import type { Ctx } from "./frame/ctx.ts";
import type { AnyCall } from "./frame/runtime-call.ts";
import { runtimeCall } from "./frame/runtime-call.ts";
import type { AccountId, MultiAddress } from "./primitives/account.ts";
import { verifySignature } from "./primitives/crypto.ts";
import { decodeExtrinsic, type Extrinsic, hashExtrinsic, signedPayload } from "./primitives/extrinsic.ts";
import type { SignatureCheck } from "./primitives/signature.ts";
import { invalid, unknown } from "./primitives/validity.ts";

/** Verifies here and now. */
export const verifyNow: SignatureCheck = (_hash, signature, payload, signer) =>
  verifySignature(signature, payload, signer);

/** An extrinsic whose origin is known. */
export type CheckedExtrinsic =
  | { readonly type: "Bare"; readonly call: AnyCall; readonly length: number }
  | {
      readonly type: "Signed";
      readonly call: AnyCall;
      readonly length: number;
      readonly who: AccountId;
      readonly extra: Extra;
    };

/** Throws a `CodecError` for bytes that are no extrinsic of this runtime. */
export const decodeOpaque = (bytes: Uint8Array): Extrinsic<AnyCall, Extra> =>
  decodeExtrinsic(bytes, runtimeCall, extraCodec);

/** Throws a `CodecError` for bytes that mean nothing, an `InvalidityError` for a signature that does not hold. */
export function checkExtrinsic(ctx: Ctx, bytes: Uint8Array, check: SignatureCheck): CheckedExtrinsic {
  const extrinsic = decodeOpaque(bytes);
  const { preamble, call, length } = extrinsic;
  if (preamble.type === "Bare") return { type: "Bare", call, length };
  // Its extensions would have to authorize an origin, and none of ours does that.
  if (preamble.type === "General") throw invalid({ type: "UnknownOrigin" });
  const who = lookup(preamble.address);
  const payload = signedPayload(extrinsic.callBytes, extrinsic.extraBytes, (out) =>
    writeImplied(ctx, preamble.extra, out),
  );
  if (!check(hashExtrinsic(bytes), preamble.signature, payload, who)) throw invalid({ type: "BadProof" });
  return { type: "Signed", call, length, who, extra: preamble.extra };
}

function lookup(address: MultiAddress): AccountId {
  if (address.type !== "Id") throw unknown({ type: "CannotLookup" });
  return address.value;
}
