import { BlockError, explained } from "./block-error.ts";
import { decodeOpaque } from "./check-extrinsic.ts";
import type { Inherent } from "./frame/pallet.ts";
import { type AnyCall, runtimeCall } from "./frame/runtime-call.ts";
import { runtime } from "./index.ts";
import { equalBytes, textBytes } from "./primitives/bytes.ts";
import { encode, type Value } from "./primitives/codec.ts";
import { bytes, fixedBytes } from "./primitives/codec-bytes.ts";
import { btreeMap } from "./primitives/codec-list.ts";
import { struct } from "./primitives/codec-struct.ts";
import { encodeBare, isBare } from "./primitives/extrinsic.ts";
import type { Overlay } from "./primitives/overlay.ts";

/** What the node knows and the state does not, such as the time: by identifier, in the pallet's encoding. */
export const inherentData = struct("sp_inherents::InherentData", { data: btreeMap(fixedBytes(8), bytes) });
export type InherentData = Value<typeof inherentData>;

interface Provider {
  readonly pallet: string;
  readonly inherent: Inherent;
}

const providers: readonly Provider[] = runtime.pallets.flatMap(({ pallet }) =>
  pallet.inherent ? [{ pallet: pallet.name, inherent: pallet.inherent }] : [],
);

/** The extrinsics that a block must begin with; `storage` is that of the block, initialized. */
export function createInherents(storage: Overlay, data: InherentData): Uint8Array[] {
  const ctx = runtime.context(storage);
  return providers.flatMap(({ pallet, inherent }) => {
    const given = dataOf(data, inherent);
    if (given === undefined) return [];
    const value = inherent.create(ctx, given);
    return value ? [encodeBare(encode(runtimeCall, { type: pallet, value }))] : [];
  });
}

/** What is wrong with a block's inherents in the eyes of a node with this `data`; `storage` is at the parent. */
export function checkInherents(
  storage: Overlay,
  extrinsics: readonly Uint8Array[],
  data: InherentData,
): { readonly identifier: string; readonly problem: string }[] {
  const ctx = runtime.context(storage);
  return extrinsics.flatMap((extrinsic) => {
    const call = inherentCall(extrinsic);
    const provider = call && providerOf(call);
    const given = provider && dataOf(data, provider.inherent);
    const problem = given && provider.inherent.check?.(ctx, call.value, given);
    return problem === undefined ? [] : [{ identifier: provider!.inherent.identifier, problem }];
  });
}

/** Whether an unsigned call may be in a block at all. */
export const isInherent = (call: AnyCall): boolean => providerOf(call) !== undefined;

/**
 * Inherents stand before all transactions, so that these find a block that knows its time; those that a block
 * must have are there. Throws a `BlockError`.
 */
export function checkInherentLayout(extrinsics: readonly Uint8Array[]): void {
  const firstSigned = extrinsics.findIndex((extrinsic) => !isBare(extrinsic));
  const lastBare = extrinsics.findLastIndex(isBare);
  if (firstSigned >= 0 && firstSigned < lastBare) {
    throw new BlockError("InherentNotFirst", `extrinsic ${lastBare} is an inherent behind a transaction`);
  }
  const present = extrinsics.slice(0, lastBare + 1).map((extrinsic, index) => {
    return explained(index, () => inherentCall(extrinsic)?.type);
  });
  const missing = providers.find(({ pallet, inherent }) => inherent.isRequired && !present.includes(pallet));
  if (missing) throw new BlockError("MissingInherent", `there is no inherent of ${missing.pallet}`);
}

function inherentCall(extrinsic: Uint8Array): AnyCall | undefined {
  if (!isBare(extrinsic)) return undefined;
  const { call } = decodeOpaque(extrinsic);
  return isInherent(call) ? call : undefined;
}

const providerOf = (call: AnyCall): Provider | undefined =>
  providers.find(({ pallet, inherent }) => pallet === call.type && inherent.is(call.value));

function dataOf(data: InherentData, { identifier }: Inherent): Uint8Array | undefined {
  const name = textBytes(identifier);
  return data.data.find(([key]) => equalBytes(key, name))?.[1];
}
