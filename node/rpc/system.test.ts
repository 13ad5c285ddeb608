import { afterEach, beforeEach, expect, test } from "vitest";
import { put } from "../chain/testing/toy-runtime.ts";
import { account } from "./account.ts";
import type { TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

let node: ToyNode;
let client: TestClient;
beforeEach(async () => {
  node = await startToyNode();
  client = await node.connect();
});
afterEach(() => node.stop());

test("the node says who it is", async () => {
  const get = (name: string) => client.get(`system_${name}`);
  expect(await get("name")).toBe("toy");
  expect(await get("version")).toBe("1.2.3");
  expect(await get("chain")).toBe("Toy");
  expect(await get("chainType")).toEqual({ Custom: "Toy" });
  expect(await get("properties")).toEqual({ tokenSymbol: "TOY" });
  expect(await get("health")).toEqual({ peers: 0, isSyncing: false, shouldHavePeers: false });
  expect(await get("nodeRoles")).toEqual(["Full"]);
  expect(await get("localPeerId")).toBe("12D3KooWToy");
  expect(await get("localListenAddresses")).toEqual([]);
  expect(await get("peers")).toEqual([]);
  expect(await get("reservedPeers")).toEqual([]);
  expect(await get("syncState")).toEqual({ startingBlock: 0, currentBlock: 0, highestBlock: 3 });
});

test("the chain specification is told by the new group too", async () => {
  expect(await client.get("chainSpec_v1_chainName")).toBe("Toy");
  expect(await client.get("chainSpec_v1_genesisHash")).toBe(node.chain.genesisHash);
  expect(await client.get("chainSpec_v1_properties")).toEqual({ tokenSymbol: "TOY" });
});

test("what is wrong with an operator's request is said", async () => {
  expect(await client.ask("system_addReservedPeer", "/ip4/1.2.3.4")).toMatchObject({
    error: { code: 2002, message: "no peer id in the address" },
  });
  expect(await client.get("system_removeReservedPeer", "12D3")).toBeNull();
  expect(await client.get("system_addLogFilter", "rpc=debug")).toBeNull();
  expect(await client.ask("system_addLogFilter", "nonsense")).toMatchObject({
    error: { message: '"nonsense" is no filter' },
  });
  expect(await client.get("system_resetLogFilter")).toBeNull();
});

test("every group of the new specification is whole", async () => {
  const { methods } = (await client.get("rpc_methods")) as { methods: string[] };
  const group = (prefix: string) =>
    methods.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  expect(group("chainHead_v1_")).toEqual(
    ["body", "call", "continue", "follow", "header", "stopOperation", "storage", "unfollow", "unpin"].sort(),
  );
  expect(group("chainSpec_v1_")).toEqual(["chainName", "genesisHash", "properties"]);
  expect(group("transaction_v1_")).toEqual(["broadcast", "stop"]);
  expect(group("transactionWatch_v1_")).toEqual(["submitAndWatch", "unwatch"]);
  expect(group("archive_v1_").toSorted()).toEqual(
    [
      "body",
      "call",
      "finalizedHeight",
      "genesisHash",
      "hashByHeight",
      "header",
      "stopStorage",
      "stopStorageDiff",
      "storage",
      "storageDiff",
    ].toSorted(),
  );
});

test("values outside the chain are kept by key", async () => {
  expect(await client.get("offchain_localStorageGet", "PERSISTENT", "0x01")).toBeNull();
  await client.get("offchain_localStorageSet", "PERSISTENT", "0x01", "0xabcd");
  expect(await client.get("offchain_localStorageGet", "PERSISTENT", "0x01")).toBe("0xabcd");
  await client.get("offchain_localStorageClear", "PERSISTENT", "0x01");
  expect(await client.get("offchain_localStorageGet", "PERSISTENT", "0x01")).toBeNull();
  expect(await client.ask("offchain_localStorageGet", "LOCAL", "0x01")).toMatchObject({
    error: { code: 5001 },
  });
  expect(await client.ask("offchain_localStorageGet", "OTHER", "0x01")).toMatchObject({
    error: { code: -32602 },
  });
});

test("blocks are made and finalized on request", async () => {
  const created = await client.get("engine_createBlock", true, false);
  expect(created).toMatchObject({ hash: node.chain.best.hash, aux: { is_new_best: true } });
  expect(await client.get("engine_finalizeBlock", node.chain.best.hash)).toBe(true);
  expect(node.chain.finalized).toEqual(node.chain.best);
  await client.get("engine_createBlock", true, true, null);
  expect(node.chain.finalized.number).toBe(2);
  expect(await client.ask("engine_createBlock", false, false)).toMatchObject({
    error: { message: "there is nothing to put into a block" },
  });
  expect(await client.ask("engine_finalizeBlock", `0x${"00".repeat(32)}`)).toHaveProperty(
    "error.code",
    -32603,
  );
});

test("a block's figures come from executing it again", async () => {
  const hash = await node.include(put(1, "a"), put(2, "b"));
  const stats = (await client.get("dev_getBlockStats", hash)) as Record<string, number>;
  expect(stats).toMatchObject({ numExtrinsics: 2 });
  expect(stats.witnessCompactLen).toBeLessThanOrEqual(stats.witnessLen as number);
  expect(stats.witnessLen).toBeGreaterThan(0);
  expect(await client.get("dev_getBlockStats", node.chain.genesisHash)).toBeNull();
  expect(await client.get("dev_getBlockStats", `0x${"00".repeat(32)}`)).toBeNull();
});

test("a block cannot be executed again when its parent's state is pruned", async () => {
  const pruned = await startToyNode({ pruning: 1 });
  try {
    const first = await pruned.include(put(1, "a"));
    let head = first;
    for (let key = 2; key < 5; key++) head = await pruned.extend(head, key, "b");
    await pruned.chain.finalize(head);
    expect(await (await pruned.connect()).ask("dev_getBlockStats", first)).toMatchObject({
      error: { code: 6003, data: `State already discarded for ${pruned.chain.genesisHash}` },
    });
  } finally {
    await pruned.stop();
  }
});

test("accounts are read from SS58 of any network and from hex, with their checksum", () => {
  const alice = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
  const spellings = [
    `0x${alice}`,
    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
    "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F",
  ];
  for (const spelling of spellings) expect(Buffer.from(account.read(spelling)).toString("hex")).toBe(alice);
  for (const bad of [
    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
    "0x1234",
    "",
    "5",
    "0OIl",
    5,
    "1".repeat(1e6),
  ])
    expect(() => account.read(bad)).toThrow("must be an SS58 address");
});
