import { TypeRegistry } from "@polkadot/types";
import { afterEach, expect, test } from "vitest";
import { toHex } from "../../runtime/primitives/bytes.ts";
import type { AuthorityList } from "../../runtime/primitives/grandpa.ts";
import { startFinality } from "../finality/finality.ts";
import { verifyJustification } from "../finality/justification.ts";
import { authoritiesOf, votingKey } from "../finality/testing/toy-voters.ts";
import { Keystore } from "../keystore/keystore.ts";
import type { TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

let node: ToyNode;
let client: TestClient;
afterEach(() => node.stop());

/** A node that has Alice's key, in this set of voters. */
async function start(authorities: AuthorityList): Promise<void> {
  const keys = new Keystore();
  keys.add("gran", "//Alice");
  const readAuthorities = () => ({ setId: 0n, authorities });
  node = await startToyNode({
    startFinality: (chain, database) =>
      startFinality({ gossipMs: 1 }, { chain, database, keys, readAuthorities }),
  });
  client = await node.connect();
}

const listed = async () => {
  const { methods } = (await client.get("rpc_methods")) as { methods: string[] };
  return methods.filter((name) => name.startsWith("grandpa")).toSorted();
};

test("rounds are told as clients read them, with those who are silent", async () => {
  await start(authoritiesOf({ Alice: 2, Bob: 1 }));
  const json = (await client.get("grandpa_roundState")) as Record<string, unknown>;
  const state = new TypeRegistry().createType("ReportedRoundStates", json);
  expect(state.setId.toNumber()).toBe(0);
  expect(state.background).toHaveLength(0);
  expect(state.best.round.toNumber()).toBe(1);
  expect(state.best.totalWeight.toNumber()).toBe(3);
  expect(state.best.thresholdWeight.toNumber()).toBe(3);
  expect(state.best.precommits.currentWeight.toNumber()).toBe(0);
  const missing = [...state.best.precommits.missing].map((key) => key.toHex());
  const keys = ["Alice", "Bob"].map((name) => toHex(votingKey(name).publicKey));
  expect(missing.toSorted()).toEqual(keys.toSorted());
});

test("weights that clients cannot read are an error", async () => {
  await start(authoritiesOf({ Alice: 1, Bob: 2 ** 32 }));
  expect(await client.ask("grandpa_roundState")).toMatchObject({ error: { code: 3 } });
});

test("where nobody votes, that is said", async () => {
  await start([]);
  const error = { code: 1, message: "GRANDPA RPC endpoint not ready" };
  expect(await client.ask("grandpa_roundState")).toMatchObject({ error });
  expect(await client.get("grandpa_proveFinality", 0)).toBeNull();
});

test("a node without finality does not list its methods", async () => {
  node = await startToyNode();
  client = await node.connect();
  expect(await listed()).toEqual([]);
});

test("justifications are told as they come, until nobody wants them", async () => {
  const authorities = authoritiesOf({ Alice: 1 });
  await start(authorities);
  expect(await listed()).toEqual([
    "grandpa_proveFinality",
    "grandpa_roundState",
    "grandpa_subscribeJustifications",
    "grandpa_unsubscribeJustifications",
  ]);
  const id = await client.get("grandpa_subscribeJustifications");
  const hash = await node.extend(node.chain.genesisHash, 1, "a");
  const told = Buffer.from(((await client.next()) as string).slice(2), "hex");
  expect(verifyJustification(told, 0n, authorities)).toMatchObject({
    type: "valid",
    target: { hash, number: 1 },
  });
  expect(node.chain.finalized.hash).toBe(hash);
  expect(await client.get("grandpa_unsubscribeJustifications", id)).toBe(true);
});

test("a block's finality is proven by the latest justification and the headers up to it", async () => {
  const authorities = authoritiesOf({ Alice: 1 });
  await start(authorities);
  await client.get("grandpa_subscribeJustifications");
  let head = node.chain.genesisHash;
  for (const value of ["a", "b", "c"]) {
    head = await node.extend(head, 1, value);
    await client.next();
  }
  const bytes = Buffer.from(((await client.get("grandpa_proveFinality", 1)) as string).slice(2), "hex");
  const proof = new TypeRegistry().createType("(Hash, Bytes, Vec<Header>)", bytes);
  expect(proof[0].toHex()).toBe(head);
  expect(verifyJustification(proof[1].toU8a(true), 0n, authorities).type).toBe("valid");
  expect(proof[2].map((header) => header.number.toNumber())).toEqual([2, 3]);
  expect(proof[2][1]!.hash.toHex()).toBe(head);
  expect(await client.ask("grandpa_proveFinality", 4)).toMatchObject({
    error: { code: 4, message: "Prove finality rpc failed: Block not yet finalized" },
  });
});
