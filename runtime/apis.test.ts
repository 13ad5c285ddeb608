import { Metadata, TypeRegistry } from "@polkadot/types";
import type { RuntimeDispatchInfoV2 } from "@polkadot/types/interfaces";
import { metadata as clientMetadata, decAnyMetadata } from "@polkadot-api/substrate-bindings";
import { expect, test } from "vitest";
import { storage as system } from "../pallets/system/index.ts";
import { computeFee } from "../pallets/transaction-payment/index.ts";
import { applyExtrinsicResult } from "./apis/wire.ts";
import { apis, callApi, metadata } from "./apis.ts";
import { metadataVersions } from "./frame/metadata/metadata.ts";
import { runtime } from "./index.ts";
import { inherentData } from "./inherents.ts";
import { concatBytes, textBytes, toHex } from "./primitives/bytes.ts";
import { decode, encode } from "./primitives/codec.ts";
import { bytes } from "./primitives/codec-bytes.ts";
import { vec } from "./primitives/codec-list.ts";
import { u32, u64 } from "./primitives/codec-number.ts";
import { option } from "./primitives/codec-tagged.ts";
import { headerCodec } from "./primitives/header.ts";
import { transactionSource, transactionValidity } from "./primitives/validity.ts";
import { alice, bob, charlie, TestChain, transfer, unit } from "./testing/test-chain.ts";
import { version } from "./version.ts";

const chain = new TestChain();
const ask = (name: string, ...args: Uint8Array[]) => callApi(chain.view(), name, concatBytes(...args));

/** A client's view of the runtime. */
function client(metadataVersion: (typeof metadataVersions)[number]) {
  const registry = new TypeRegistry();
  registry.setMetadata(new Metadata(registry, metadata({ storage: chain.view() }, metadataVersion)));
  return registry;
}

test.each(metadataVersions)(
  "V%i of the whole runtime comes back byte for byte from a client's codec",
  (v) => {
    const encoded = metadata({ storage: chain.view() }, v);
    expect(toHex(clientMetadata.enc(clientMetadata.dec(encoded)))).toBe(toHex(encoded));
    expect(ask("Metadata_metadata_at_version", encode(u32, v))).toEqual(encode(option(bytes), encoded));
  },
);

test.each(metadataVersions)("a client can make a value of every type in V%i", (v) => {
  const registry = client(v);
  const { types } = registry.metadata.lookup;
  expect(types.length).toBeGreaterThan(100);
  for (const { id } of types) {
    expect(() => registry.createType(registry.createLookupType(id)), `type ${id}`).not.toThrow();
  }
});

test("the versions of metadata and of the runtime are told as clients expect", () => {
  expect(decode(vec(u32), ask("Metadata_metadata_versions"))).toEqual([14, 15, 16]);
  expect(ask("Metadata_metadata_at_version", encode(u32, 13))).toEqual(Uint8Array.of(0));
  expect(ask("Metadata_metadata")).toEqual(encode(bytes, metadata({ storage: chain.view() }, 14)));
  const told = client(16).createType("RuntimeVersion", ask("Core_version"));
  expect(told.specName.toString()).toBe("matrixai");
  expect(told.specVersion.toNumber()).toBe(version.spec_version);
  // The ids and versions of a current Substrate chain.
  expect(told.apis.map(([id, v]) => [id.toHex(), v.toNumber()])).toEqual([
    ["0xdf6acb689907609b", 5],
    ["0x37e397fc7c91f5e4", 2],
    ["0x40fe3ad401f8959a", 6],
    ["0xd2bc9897eed08f15", 3],
    ["0xbc9d89904f5b923f", 1],
    ["0x37c8bb1350a9a2a8", 4],
    ["0xf3ff14d5ab527059", 3],
    // Our own, and finality's.
    ["0x21045b788a5edeea", 1],
    ["0xf79fda6db4cd93cd", 1],
    ["0x848a9adb9fae008c", 1],
    ["0xe3a6f6d6a195bff7", 1],
    ["0xed99c5acb25eedf5", 3],
  ]);
  const constant = decAnyMetadata(metadata({ storage: chain.view() }, 15));
  if (constant.metadata.tag !== "v15") throw new Error("V15 expected");
  expect(constant.metadata.value.apis.map((a) => a.name)).toEqual(apis.map((a) => a.name));
});

test("a transaction that a client builds and signs from the metadata is applied", () => {
  const registry = client(14);
  const { spec_version, transaction_version } = version;
  const call = registry.createType("Call", encode(runtime.call, transfer(charlie, 5n * unit)));
  const extrinsic = registry.createType("Extrinsic", { method: call }, { version: 4 });
  extrinsic.sign(alice, {
    blockHash: chain.hash,
    genesisHash: chain.hash,
    nonce: 0,
    tip: 3,
    era: registry.createType("ExtrinsicEra", { current: 0, period: 64 }),
    runtimeVersion: { specVersion: spec_version, transactionVersion: transaction_version } as never,
  });
  const twin = new TestChain();
  expect(twin.build([extrinsic.toU8a()]).results).toEqual([
    { type: "Ok", value: { type: "Ok", value: undefined } },
  ]);
  const events = client(16).createType("Vec<EventRecord>", twin.view().get(system.Events.key()));
  const ofExtrinsics = events.filter(({ phase }) => phase.isApplyExtrinsic).map((event) => event.toHuman());
  expect(ofExtrinsics).toMatchObject([
    { phase: { ApplyExtrinsic: "0" }, event: { section: "system", method: "ExtrinsicSuccess" } },
    { event: { section: "balances", method: "Withdraw" } },
    { event: { section: "balances", method: "Transfer", data: { amount: "5,000,000,000,000" } } },
    { event: { section: "balances", method: "Deposit" } },
    { event: { section: "transactionPayment", method: "TransactionFeePaid", data: { tip: "3" } } },
    { event: { section: "system", method: "ExtrinsicSuccess" } },
  ]);
});

test("fees are told before they are paid", () => {
  const extrinsic = chain.sign(alice, transfer(bob, unit));
  const length = encode(u32, extrinsic.length);
  const registry = client(16);
  const info = registry.createType<RuntimeDispatchInfoV2>(
    "RuntimeDispatchInfoV2",
    ask("TransactionPaymentApi_query_info", extrinsic, length),
  );
  const ctx = { storage: chain.view() };
  const expected = computeFee(ctx, extrinsic.length, runtime.dispatchInfo(transfer(bob, unit)), 0n);
  expect(info.partialFee.toBigInt()).toBe(expected);
  expect(info.class.type).toBe("Normal");
  const details = registry.createType(
    "FeeDetails",
    ask("TransactionPaymentApi_query_fee_details", extrinsic, length),
  );
  const { baseFee, lenFee, adjustedWeightFee } = details.inclusionFee.unwrap();
  expect(baseFee.toBigInt() + lenFee.toBigInt() + adjustedWeightFee.toBigInt()).toBe(expected);
  // The calls' API leaves out what the signature adds to the length, which the caller tells it.
  const call = encode(runtime.call, transfer(bob, unit));
  expect(ask("TransactionPaymentCallApi_query_call_info", call, length)).toEqual(
    ask("TransactionPaymentApi_query_info", extrinsic, length),
  );
  const twin = new TestChain();
  const before = system.Account.get({ storage: twin.view() }, alice.publicKey).data.free;
  twin.build([extrinsic]);
  const after = system.Account.get({ storage: twin.view() }, alice.publicKey).data.free;
  expect(before - after).toBe(unit + expected);
});

test("what pools and wallets ask is answered in SCALE", () => {
  const extrinsic = chain.sign(alice, transfer(bob, unit), { nonce: 1 });
  const validity = ask(
    "TaggedTransactionQueue_validate_transaction",
    encode(transactionSource, "External"),
    extrinsic,
    chain.hash,
  );
  expect(decode(transactionValidity, validity)).toMatchObject({ type: "Ok" });
  expect(ask("AccountNonceApi_account_nonce", alice.publicKey)).toEqual(encode(u32, 0));
});

test("a block can be built through the API, step by step", () => {
  const storage = chain.view();
  const built = new TestChain().build([]);
  const data = encode(inherentData, {
    data: [[textBytes("timstap0"), encode(u64, chain.nextTime)]],
  });
  expect(callApi(storage, "Core_initialize_block", encode(headerCodec, built.block.header))).toEqual(
    Uint8Array.of(0),
  );
  const inherents = callApi(storage, "BlockBuilder_inherent_extrinsics", data);
  expect([...inherents]).toEqual([4, ...built.block.extrinsics[0]!]);
  const applied = callApi(storage, "BlockBuilder_apply_extrinsic", inherents.slice(1));
  expect(decode(applyExtrinsicResult, applied)).toMatchObject({ type: "Ok", value: { type: "Ok" } });
  const header = decode(headerCodec, callApi(storage, "BlockBuilder_finalize_block", new Uint8Array(0)));
  expect(header).toEqual(built.block.header);
});

test("unknown methods and wrong arguments are told apart", () => {
  expect(() => ask("Core_nothing")).toThrow("the runtime has no method Core_nothing");
  expect(() => ask("AccountNonceApi_account_nonce", new Uint8Array(31))).toThrow("32 bytes needed, 31 left");
  expect(() => ask("AccountNonceApi_account_nonce", new Uint8Array(33))).toThrow("1 bytes after the value");
});
