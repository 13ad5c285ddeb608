/** What a stock client reads of finality, from a node in a process of its own whose only voter is Alice. */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { GrandpaJustification } from "@polkadot/types/interfaces";
import { ed25519Verify } from "@polkadot/util-crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NodeProcess, startNode } from "./node-process.ts";

let node: NodeProcess;
let api: ApiPromise;

beforeAll(async () => {
  node = await startNode(["--alice"]);
  const provider = new WsProvider(node.url) as NonNullable<ApiOptions["provider"]>;
  api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
});

afterAll(async () => {
  await api?.disconnect();
  await node?.stop();
});

const alice = new Keyring({ type: "ed25519" }).addFromUri("//Alice").publicKey;

/** The next justification that the node tells of. */
const nextJustification = (): Promise<GrandpaJustification> =>
  new Promise((resolve, reject) => {
    const ended = api.rpc.grandpa.subscribeJustifications((bytes) => {
      void ended.then((end) => end());
      resolve(api.createType("GrandpaJustification", bytes.toU8a(true)));
    });
    ended.catch(reject);
  });

test("the state of the rounds names the voter", async () => {
  const { setId, best, background } = await api.rpc.grandpa.roundState();
  expect(setId.toNumber()).toBe(0);
  expect(best.totalWeight.toNumber()).toBeGreaterThan(0);
  expect(best.thresholdWeight.toNumber()).toBeGreaterThan(0);
  for (const { round } of background) expect(round.toNumber()).toBe(best.round.toNumber() - 1);
});

test("a justification is one signed precommit for the block that it makes final", async () => {
  const { commit, round, votesAncestries } = await nextJustification();
  expect(votesAncestries).toHaveLength(0);
  const [precommit] = commit.precommits;
  expect(commit.precommits).toHaveLength(1);
  expect(precommit!.id.toU8a()).toEqual(alice);
  const hash = await api.rpc.chain.getBlockHash(commit.targetNumber);
  expect(commit.targetHash.toHex()).toBe(hash.toHex());
  const signed = api.createType("(u8, Hash, u32, u64, u64)", [
    1,
    commit.targetHash,
    commit.targetNumber,
    round,
    0,
  ]);
  expect(ed25519Verify(signed.toU8a(), precommit!.signature.toU8a(), precommit!.id.toU8a())).toBe(true);
});

test("the finality of an old block is proven by a later one and the headers between", async () => {
  await nextJustification();
  const bytes = (await api.rpc.grandpa.proveFinality(1)).unwrap();
  const proof = api.createType("(Hash, Bytes, Vec<Header>)", bytes.toU8a(true));
  const [block, justification, headers] = proof;
  const { commit } = api.createType("GrandpaJustification", justification.toU8a(true));
  expect(commit.targetHash.toHex()).toBe(block.toHex());
  expect(headers.at(-1)?.hash.toHex() ?? (await api.rpc.chain.getBlockHash(1)).toHex()).toBe(block.toHex());
  await expect(api.rpc.grandpa.proveFinality(4_000_000)).rejects.toThrow("not yet finalized");
});
