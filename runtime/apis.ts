import { blockBuilderApi } from "./apis/block-builder.ts";
import { computeScoreApi } from "./apis/compute-score.ts";
import { coreApi } from "./apis/core.ts";
import { transactionPaymentApi, transactionPaymentCallApi } from "./apis/fees.ts";
import { grandpaApi } from "./apis/grandpa.ts";
import { marketplaceApi } from "./apis/marketplace.ts";
import { metadataApi } from "./apis/metadata.ts";
import { pohApi } from "./apis/poh.ts";
import { trainerApi } from "./apis/trainer.ts";
import { accountNonceApi, taggedTransactionQueueApi } from "./apis/transactions.ts";
import { extensions } from "./extensions.ts";
import type { ReadCtx } from "./frame/ctx.ts";
import { encodeMetadata, type MetadataVersion } from "./frame/metadata/metadata.ts";
import type { ApiMethod, RuntimeApi } from "./frame/runtime-api.ts";
import { runtime } from "./index.ts";
import { multiAddress } from "./primitives/account.ts";
import { type Codec, decode, encode, type Fields } from "./primitives/codec.ts";
import { record } from "./primitives/codec-struct.ts";
import type { Overlay } from "./primitives/overlay.ts";
import { multiSignature } from "./primitives/signature.ts";

/** What the runtime answers from a state; the versions are in `api-versions.ts`. */
export const apis: readonly RuntimeApi[] = [
  coreApi,
  metadataApi((ctx, version) => metadata(ctx, version)),
  blockBuilderApi,
  taggedTransactionQueueApi,
  accountNonceApi,
  transactionPaymentApi,
  transactionPaymentCallApi,
  pohApi,
  computeScoreApi,
  marketplaceApi,
  trainerApi,
  grandpaApi,
];

const methods: ReadonlyMap<string, Method> = new Map(
  apis.flatMap((api) =>
    Object.entries(api.methods).map(([name, method]) => {
      return [`${api.name}_${name}`, { ...method, codec: record(method.inputs) }] as const;
    }),
  ),
);

interface Method extends ApiMethod<Fields, unknown> {
  readonly codec: Codec<Readonly<Record<string, unknown>>>;
}

/** No API has a method of this name. */
export class UnknownApiError extends Error {
  override readonly name = "UnknownApiError";
}

/**
 * Answers `Core_version` and its like. What the method writes stays in `storage`, which the caller throws away.
 * Throws an `UnknownApiError`, a `CodecError` for wrong arguments, and whatever the method finds wrong.
 */
export function callApi(storage: Overlay, name: string, args: Uint8Array): Uint8Array {
  const method = methods.get(name);
  if (!method) throw new UnknownApiError(`the runtime has no method ${name}`);
  const inputs = decode(method.codec, args);
  return encode(method.output, method.run(runtime.context(storage), inputs));
}

/** Metadata of a chain, with its magic number in front; the state holds what is not the same on all chains. */
export const metadata = (ctx: ReadCtx, version: MetadataVersion): Uint8Array =>
  encodeMetadata(
    {
      pallets: runtime.pallets,
      extrinsic: { address: multiAddress, signature: multiSignature, extensions },
      apis,
      ctx: { storage: ctx.storage, runtime },
    },
    version,
  );
