import { storage as sudo } from "../pallets/sudo/index.ts";
import { depositLog, storage } from "../pallets/system/index.ts";
import type { Ctx, ReadCtx, WriteCtx } from "./frame/ctx.ts";
import { runtime } from "./index.ts";
import { metadataFingerprint } from "./metadata-fingerprint.ts";
import { equalBytes, fromHex, textBytes } from "./primitives/bytes.ts";
import { encode } from "./primitives/codec.ts";
import { fixedBytes, str } from "./primitives/codec-bytes.ts";
import { u32 } from "./primitives/codec-number.ts";
import { tuple } from "./primitives/codec-struct.ts";
import type { Digest } from "./primitives/digest.ts";
import { blake2_256 } from "./primitives/hashing.ts";
import { version } from "./version.ts";

/** Where Substrate keeps its WebAssembly. Clients hash the value and take the hash for the runtime's identity. */
export const codeKey = textBytes(":code");

/** What stands there instead, as the runtime is part of the node: its name, its version, a hash of its metadata. */
export const codeMarker: Uint8Array = encode(tuple(str, u32, fixedBytes(32)), [
  version.spec_name,
  version.spec_version,
  fromHex(metadataFingerprint)!,
]);

/** By which a vote authorises the release, with `System.authorize_upgrade`. */
export const codeMarkerHash = blake2_256(codeMarker);

export const writeCodeMarker = (ctx: WriteCtx): void => ctx.storage.set(codeKey, codeMarker);

/** What a block's author adds to its digest: a request for the upgrade where an older runtime wrote the state. */
export const upgradeRequest = (ctx: ReadCtx): Digest =>
  needsUpgrade(ctx) ? [{ type: "RuntimeEnvironmentUpdated" }] : [];

function needsUpgrade(ctx: ReadCtx): boolean {
  const last = storage.LastRuntimeUpgrade.get(ctx);
  if (last === undefined) return true;
  return last.spec_version < version.spec_version && (isAuthorized(ctx) || sudo.Key.exists(ctx));
}

/** Whether a vote has named this release. On a chain with a sudo key, its holder answers for what nodes run. */
function isAuthorized(ctx: ReadCtx): boolean {
  const authorized = storage.AuthorizedUpgrade.get(ctx);
  return authorized !== undefined && equalBytes(authorized.code_hash, codeMarkerHash);
}

/**
 * Brings the state to this runtime's layout, at the start of a block whose header says so: by the digest item
 * `RuntimeEnvironmentUpdated`, which is how clients learn of it, and how every node knows in which block it was.
 */
export function upgrade(ctx: Ctx): void {
  if (!needsUpgrade(ctx)) return;
  if (isAuthorized(ctx)) storage.AuthorizedUpgrade.delete(ctx);
  storage.LastRuntimeUpgrade.set(ctx, { spec_name: version.spec_name, spec_version: version.spec_version });
  for (const { pallet } of runtime.pallets) pallet.onRuntimeUpgrade?.(ctx);
  writeCodeMarker(ctx);
  depositLog(ctx, { type: "RuntimeEnvironmentUpdated" });
}
