/** Trainers on the whole runtime, block by block: what hooks, calls, digests and APIs make of them together. */
import { Keyring } from "@polkadot/keyring";
import { Metadata, TypeRegistry } from "@polkadot/types";
import { expect, test } from "vitest";
import { freeBalance } from "../pallets/balances/index.ts";
import { doubleVote, voterKey } from "../pallets/grandpa/testing/double-vote.ts";
import { authorities, currentEpoch } from "../pallets/poh/index.ts";
import { storage as system } from "../pallets/system/index.ts";
import { bondOf, stakeOf } from "../pallets/trainer-staking/index.ts";
import { assertStakingInvariants } from "../pallets/trainer-staking/testing/invariants.ts";
import { provenKeys } from "../pallets/trainer-staking/testing/keys.ts";
import { callApi, metadata } from "./apis.ts";
import { applyExtrinsic, executeBlock, finalizeBlock } from "./executive.ts";
import type { Ctx } from "./frame/ctx.ts";
import type { RuntimeCall } from "./index.ts";
import { runtime } from "./index.ts";
import { createInherents } from "./inherents.ts";
import { compareBytes, concatBytes, textBytes, toHex } from "./primitives/bytes.ts";
import { decode, encode } from "./primitives/codec.ts";
import { bytes } from "./primitives/codec-bytes.ts";
import { u64 } from "./primitives/codec-number.ts";
import { encodeBare } from "./primitives/extrinsic.ts";
import {
  type AuthorityList,
  authorityList,
  consensusLog,
  type EquivocationProof,
  equivocationProof,
} from "./primitives/grandpa.ts";
import type { Header } from "./primitives/header.ts";
import { alice, charlie, TestChain, unit } from "./testing/test-chain.ts";

const epochLength = 4n;
const bond = 500n * unit;
const charlieVotes = voterKey("//Charlie");

/** Whoever builds the blocks of a test chain must stay first in the lists, which are in the order of storage keys. */
const keyring = new Keyring({ type: "sr25519" });
const orderOf = (who: Uint8Array) => system.Account.key(who);
const newcomer = Array.from({ length: 20 }, (_, i) => keyring.createFromUri(`//Newcomer${i}`)).find(
  (pair) => compareBytes(orderOf(pair.publicKey), orderOf(charlie.publicKey)) > 0,
)!;
const session = provenKeys("//Session", newcomer.publicKey);

function begin(): TestChain {
  const people = [alice, charlie, newcomer].map((pair) => [pair.publicKey, 10_000n * unit] as const);
  const { publicKey } = charlie;
  return new TestChain({
    Balances: { balances: people },
    Poh: { epochLength },
    TrainerStaking: {
      unbondingEpochs: 2,
      trainers: [{ trainer: publicKey, poh_key: publicKey, gran_key: charlieVotes.publicKey, bond }],
    },
  });
}

const ctxOf = (chain: TestChain): Ctx => runtime.context(chain.view());
const epochOf = (chain: TestChain) => currentEpoch(ctxOf(chain)).index;

/** Builds a block; whatever happened in it, the books are in order. */
function build(chain: TestChain, extrinsics: readonly Uint8Array[] = []): Header {
  const { block, results } = chain.build(extrinsics);
  for (const result of results) expect(result).toMatchObject({ type: "Ok", value: { type: "Ok" } });
  assertStakingInvariants(ctxOf(chain));
  return block.header;
}

/** Builds blocks until one begins an epoch; returns the header of that one. */
function toNextEpoch(chain: TestChain): Header {
  const before = epochOf(chain);
  for (;;) {
    const header = build(chain);
    if (epochOf(chain) > before) return header;
  }
}

const register: RuntimeCall = {
  type: "TrainerStaking",
  value: {
    type: "register",
    value: { value: bond, poh_key: session.keys.poh, gran_key: session.keys.gran, proof: session.proof },
  },
};
const reportOf = (equivocation_proof: EquivocationProof): RuntimeCall => ({
  type: "Grandpa",
  value: { type: "report_equivocation", value: { equivocation_proof } },
});

/** The new sets that a header tells of. */
const announced = ({ digest }: Header): AuthorityList[] =>
  digest.flatMap((item) => {
    if (item.type !== "Consensus" || toHex(item.value[0]) !== toHex(Buffer.from("FRNK"))) return [];
    return [decode(consensusLog, item.value[1]).value.next_authorities];
  });

const ask = (chain: TestChain, method: string, ...args: Uint8Array[]) =>
  callApi(chain.view(), `GrandpaApi_${method}`, concatBytes(...args));
const setOf = (chain: TestChain) => decode(authorityList, ask(chain, "grandpa_authorities"));
const setId = (chain: TestChain) => decode(u64, ask(chain, "current_set_id"));

test("who registers becomes a voter with the next epoch, which its first header announces, then an author", () => {
  const chain = begin();
  expect(setOf(chain)).toEqual([[charlieVotes.publicKey, 500_000n]]);
  expect(announced(build(chain, [chain.sign(newcomer, register)]))).toEqual([]);
  const set = [
    [charlieVotes.publicKey, 500_000n],
    [session.keys.gran, 500_000n],
  ] as const;
  expect(announced(toNextEpoch(chain))).toEqual([set]);
  expect(setOf(chain)).toEqual(set);
  expect(setId(chain)).toBe(1n);
  toNextEpoch(chain);
  expect(authorities(ctxOf(chain))).toHaveLength(1);
  expect(announced(toNextEpoch(chain))).toEqual([]);
  expect(authorities(ctxOf(chain)).map(({ key }) => key)).toEqual([charlie.publicKey, session.keys.poh]);
});

test("who leaves has all of the bond back after so many epochs", () => {
  const chain = begin();
  build(chain, [chain.sign(newcomer, register)]);
  toNextEpoch(chain);
  const call = (type: "deregister" | "withdraw_unbonded"): RuntimeCall => ({
    type: "TrainerStaking",
    value: { type, value: {} },
  });
  build(chain, [chain.sign(newcomer, call("deregister"), { nonce: 1 })]);
  expect(announced(toNextEpoch(chain))).toEqual([[[charlieVotes.publicKey, 500_000n]]]);
  toNextEpoch(chain);
  const free = freeBalance(ctxOf(chain), newcomer.publicKey);
  build(chain, [chain.sign(newcomer, call("withdraw_unbonded"), { nonce: 2 })]);
  expect(freeBalance(ctxOf(chain), newcomer.publicKey)).toBeGreaterThan(free + bond - unit);
  expect(stakeOf(ctxOf(chain), newcomer.publicKey)).toBe(0n);
});

test("a double vote that anybody reports is punished in the same block, and the report is free", () => {
  const chain = begin();
  build(chain);
  const proof = doubleVote(charlieVotes);
  const holds = () => {
    const noOwnerProof = Uint8Array.of(0);
    const name = "submit_report_equivocation_unsigned_extrinsic";
    return [...ask(chain, name, encode(equivocationProof, proof), noOwnerProof)];
  };
  expect(holds()).toEqual([1]);
  const before = freeBalance(ctxOf(chain), alice.publicKey);
  build(chain, [chain.sign(alice, reportOf(proof))]);
  const ctx = ctxOf(chain);
  expect(bondOf(ctx, charlie.publicKey)).toBe(475n * unit);
  expect(freeBalance(ctx, alice.publicKey)).toBe(before + (25n * unit) / 10n);
  expect(holds()).toEqual([0]);
});

test("an author brings in a double vote unsigned, and others execute its block; one that does not hold spoils it", () => {
  const chain = begin();
  build(chain);
  const parent = chain.view();
  const bring = (proof: EquivocationProof) => {
    const call = { type: "report_equivocation_unsigned", value: { equivocation_proof: proof } } as const;
    return encodeBare(encode(runtime.call, { type: "Grandpa", value: call }));
  };
  const { storage, inherents } = chain.begin();
  const proof = doubleVote(charlieVotes);
  const data: [Uint8Array, Uint8Array][] = [[textBytes("graneqvo"), encode(equivocationProof, proof)]];
  expect(createInherents(storage, { data })).toEqual([bring(proof)]);
  const extrinsics = [...inherents, bring(proof)];
  for (const extrinsic of extrinsics) {
    expect(applyExtrinsic(storage, extrinsic)).toMatchObject({ type: "Ok", value: { type: "Ok" } });
  }
  const again = { type: "Err", value: { value: { type: "BadMandatory" } } };
  expect(applyExtrinsic(storage, bring(proof))).toMatchObject(again);
  expect(applyExtrinsic(storage, bring({ ...proof, set_id: 1n }))).toMatchObject(again);
  const header = finalizeBlock(storage);
  expect(bondOf({ storage }, charlie.publicKey)).toBe(475n * unit);
  executeBlock(parent, { header, extrinsics });
  expect(bondOf({ storage: parent }, charlie.publicKey)).toBe(475n * unit);
});

test("the chain says whose key voted in a set", () => {
  const chain = begin();
  const owner = ask(chain, "generate_key_ownership_proof", encode(u64, 0n), charlieVotes.publicKey);
  expect([...owner]).toEqual([1, ...encode(bytes, charlie.publicKey)]);
  expect([...ask(chain, "generate_key_ownership_proof", encode(u64, 1n), charlieVotes.publicKey)]).toEqual([
    0,
  ]);
  expect([...ask(chain, "generate_key_ownership_proof", encode(u64, 0n), session.keys.gran)]).toEqual([0]);
});

test("a client registers by the metadata with what the node's key method gives", () => {
  const registry = new TypeRegistry();
  registry.setMetadata(new Metadata(registry, metadata({ storage: begin().view() }, 14)));
  const { keys, proof } = session;
  const call = registry.createType("Call", {
    callIndex: [9, 0],
    args: { value: bond, poh_key: toHex(keys.poh), gran_key: toHex(keys.gran), proof: toHex(proof) },
  });
  expect(call.toU8a()).toEqual(encode(runtime.call, register));
});
