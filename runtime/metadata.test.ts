import { Metadata, TypeRegistry as PolkadotRegistry } from "@polkadot/types";
import { metadata as clientCodec } from "@polkadot-api/substrate-bindings";
import { expect, test } from "vitest";
import { depositEvent, system } from "../pallets/system/index.ts";
import { construct } from "./frame/construct.ts";
import { encodeMetadata, metadataVersions } from "./frame/metadata/metadata.ts";
import type { MetadataSource } from "./frame/metadata/source.ts";
import type { RuntimeVersion } from "./frame/runtime-version.ts";
import { accountId, multiAddress } from "./primitives/account.ts";
import { toHex } from "./primitives/bytes.ts";
import { u32 } from "./primitives/codec-number.ts";
import { memoryBackend } from "./primitives/memory-backend.ts";
import { Overlay } from "./primitives/overlay.ts";
import { multiSignature } from "./primitives/signature.ts";

const version: RuntimeVersion = {
  spec_name: "test",
  impl_name: "test",
  authoring_version: 1,
  spec_version: 1,
  impl_version: 1,
  apis: [],
  transaction_version: 1,
  system_version: 1,
};
const runtime = construct({ 0: system }, { version, depositEvent });

const source: MetadataSource = {
  pallets: runtime.pallets,
  extrinsic: {
    address: multiAddress,
    signature: multiSignature,
    extensions: [{ identifier: "CheckNonce", extra: u32, implicit: u32 }],
  },
  apis: [
    {
      name: "AccountNonceApi",
      version: 1,
      methods: { account_nonce: { inputs: { account: accountId }, output: u32, docs: "The next nonce." } },
    },
  ],
  ctx: { storage: new Overlay(memoryBackend()), runtime: { version } },
};

test.each(metadataVersions)("V%i decodes and re-encodes byte for byte in a client's codec", (version) => {
  const bytes = encodeMetadata(source, version);
  expect(toHex(clientCodec.enc(clientCodec.dec(bytes)))).toBe(toHex(bytes));
});

test.each(metadataVersions)("V%i is what @polkadot/types reads", (version) => {
  const registry = new PolkadotRegistry();
  const metadata = new Metadata(registry, encodeMetadata(source, version));
  registry.setMetadata(metadata);
  expect(metadata.version).toBe(version);
  expect(metadata.asLatest.pallets.map((p) => p.name.toString())).toEqual(["System"]);
  expect(registry.createType("AccountInfo").toHuman()).toMatchObject({ nonce: "0" });
  expect(registry.createType("EventRecord")).toHaveProperty("phase");
});
