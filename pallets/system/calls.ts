import { call } from "../../runtime/frame/call.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { root, signer } from "../../runtime/frame/origin.ts";
import { hash } from "../../runtime/primitives/account.ts";
import { equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { alias, encode } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32, u64 } from "../../runtime/primitives/codec-number.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { errors, events, storage } from "./schema.ts";
import * as weights from "./weights.ts";

const vecU8 = alias(bytes, "Vec<u8>");
const keyValues = alias(vec(tuple(bytes, bytes)), "Vec<KeyValue>");
const keys = alias(vec(bytes), "Vec<Key>");
const key = alias(bytes, "Key");
const codeHash = alias(hash, "T::Hash");
const heapPages = textBytes(":heappages");

export const calls = {
  remark: call(0, { remark: vecU8 }, () => {}, {
    weight: ({ remark }) => weights.remark(remark.length),
    docs: "Writes bytes into a block without any effect. Open to every origin.",
  }),
  set_heap_pages: call(
    1,
    { pages: u64 },
    (ctx, { pages }) => {
      root(ctx);
      // No digest item, by which headers tell of a newer runtime: nothing about this one changes.
      ctx.storage.set(heapPages, encode(u64, pages));
    },
    {
      weight: weights.setHeapPages,
      class: "Operational",
      docs: "Sets `:heappages`, which this chain's runtime, being no WebAssembly, has no use for.",
    },
  ),
  set_code: call(2, { code: vecU8 }, refuseCode, {
    weight: weights.setCode,
    class: "Operational",
    docs: "Refused: the runtime is part of the node and changes with its releases.",
  }),
  set_code_without_checks: call(3, { code: vecU8 }, refuseCode, {
    weight: weights.setCode,
    class: "Operational",
    docs: "Refused: the runtime is part of the node and changes with its releases.",
  }),
  set_storage: call(
    4,
    { items: keyValues },
    (ctx, { items }) => {
      root(ctx);
      for (const [key, value] of items) ctx.storage.set(key, value);
    },
    {
      weight: ({ items }) => weights.setStorage(items.length),
      class: "Operational",
      docs: "Sets entries of the state.",
    },
  ),
  kill_storage: call(
    5,
    { keys },
    (ctx, { keys }) => {
      root(ctx);
      for (const key of keys) ctx.storage.delete(key);
    },
    {
      weight: ({ keys }) => weights.killStorage(keys.length),
      class: "Operational",
      docs: "Removes entries of the state.",
    },
  ),
  kill_prefix: call(
    6,
    { prefix: key, subkeys: u32 },
    (ctx, { prefix, subkeys }) => {
      root(ctx);
      ctx.storage.deletePrefix(prefix, subkeys);
    },
    {
      weight: ({ subkeys }) => weights.killPrefix(subkeys + 1),
      class: "Operational",
      docs: "Removes up to `subkeys` entries whose keys begin with `prefix`.",
    },
  ),
  remark_with_event: call(
    7,
    { remark: vecU8 },
    (ctx, { remark }) => {
      events.Remarked(ctx, { sender: signer(ctx), hash: blake2_256(remark) });
    },
    {
      weight: ({ remark }) => weights.remarkWithEvent(remark.length),
      docs: "Writes bytes into a block and tells their BLAKE2b hash in an event.",
    },
  ),
  authorize_upgrade: call(
    9,
    { code_hash: codeHash },
    (ctx, { code_hash }) => authorize(ctx, { code_hash, check_version: true }),
    {
      weight: weights.authorizeUpgrade,
      class: "Operational",
      docs: "Authorises a release, by the BLAKE2b hash of what it writes under `:code`, to move the state to its version.",
    },
  ),
  authorize_upgrade_without_checks: call(
    10,
    { code_hash: codeHash },
    (ctx, { code_hash }) => authorize(ctx, { code_hash, check_version: false }),
    {
      weight: weights.authorizeUpgrade,
      class: "Operational",
      docs: "As `authorize_upgrade`: a release moves the state to a higher version or not at all.",
    },
  ),
  apply_authorized_upgrade: call(11, { code: vecU8 }, refuseAuthorized, {
    weight: weights.applyAuthorizedUpgrade,
    class: "Operational",
    docs: "Fails: the first block of the authorised release applies it, since the runtime is part of the node.",
  }),
};

function authorize(ctx: Ctx, upgrade: { code_hash: Uint8Array; check_version: boolean }): void {
  root(ctx);
  storage.AuthorizedUpgrade.set(ctx, upgrade);
  events.UpgradeAuthorized(ctx, upgrade);
}

function refuseAuthorized(ctx: Ctx, { code }: { readonly code: Uint8Array }): void {
  const authorized = storage.AuthorizedUpgrade.get(ctx);
  ensure(authorized !== undefined, errors.NothingAuthorized);
  ensure(equalBytes(blake2_256(code), authorized.code_hash), errors.Unauthorized);
  throw errors.FailedToExtractRuntimeVersion();
}

/** `:code` names the runtime's build for clients; nobody but a release of the node may change it. */
function refuseCode(ctx: Ctx): void {
  root(ctx);
  throw errors.FailedToExtractRuntimeVersion();
}
