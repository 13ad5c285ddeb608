import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { devSpec } from "../../chain-spec/presets.ts";
import { buildGenesis, type GenesisConfig } from "../../runtime/genesis.ts";
import { signed, transfer, wallet } from "../../test/support/wallet.ts";
import { Keystore } from "../keystore/keystore.ts";
import { createLog } from "../log/log.ts";
import { type NodeOptions, type RunningNode, startNode } from "./service.ts";

const alice = wallet(1);
const mai = 10n ** 12n;
const keys = new Keystore();
const voter = keys.add("gran", "//Alice");
const config: GenesisConfig = {
  Timestamp: { minimumPeriod: 100n },
  Balances: { balances: [[alice.account, 10_000n * mai]] },
  TrainerStaking: {
    trainers: [
      { trainer: alice.account, poh_key: alice.account, gran_key: voter.publicKey, bond: 5_000n * mai },
    ],
  },
};

let folder: string;
const open: RunningNode[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-"));
});
afterEach(async () => {
  for (const node of open.splice(0)) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<NodeOptions> = {}) {
  const lines: string[] = [];
  const node = await startNode({
    spec: devSpec(),
    genesis: buildGenesis(config),
    path: join(folder, "db"),
    pruning: 256,
    sealing: "slots",
    pohKeys: () => [alice],
    keys,
    sync: "full",
    rpc: { port: 0 },
    metrics: { port: 0 },
    program: { name: "matrixai", version: "0.0.0" },
    log: createLog({ write: (line) => lines.push(line), colour: false }),
    ...options,
  });
  open.push(node);
  return { ...node, lines };
}

/** Asks one question over a WebSocket of its own. */
async function ask(port: number, method: string, ...params: unknown[]): Promise<unknown> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const answer = await new Promise<string>((resolve) =>
    socket.once("message", (data) => resolve(String(data))),
  );
  socket.close();
  return (JSON.parse(answer) as { result?: unknown }).result;
}

describe("a node", () => {
  test("makes blocks in slots, answers, measures itself, and stops", async () => {
    const node = await start();
    const { chain } = node.core;
    await expect.poll(() => chain.finalized.number).toBeGreaterThanOrEqual(2);
    expect(await ask(node.rpcPort, "chain_getBlockHash", 0)).toBe(chain.genesisHash);
    const metrics = await (await fetch(`http://127.0.0.1:${node.metricsPort}/metrics`)).text();
    expect(metrics).toMatch(/substrate_block_height\{status="finalized"\} [1-9]/);
    expect(metrics).toMatch(/substrate_proposer_block_constructed_count [1-9]/);
    expect(metrics).toMatch(/substrate_rpc_calls_finished\{method="chain_getBlockHash",is_error="false"\} 1/);
    await node.stop();
    const stopped = chain.best.number;
    expect(node.lines.some((line) => line.includes("ready") && line.includes("ws://127.0.0.1:"))).toBe(true);
    expect(node.lines.filter((line) => line.includes("ERROR"))).toEqual([]);
    const again = await start();
    expect(again.core.chain.best.number).toBe(stopped);
  });

  test("stops what it had started when a later part can not start", async () => {
    const first = await start();
    const busy = start({ path: join(folder, "other"), rpc: { port: first.rpcPort } });
    await expect(busy).rejects.toThrow(String(first.rpcPort));
    // The database of the one that failed is free again.
    const second = await start({ path: join(folder, "other") });
    expect(second.core.chain.best.number).toBe(0);
    const locked = start({ path: join(folder, "db") });
    await expect(locked).rejects.toMatchObject({ code: "Locked" });
  });

  test("on another genesis is refused with both hashes", async () => {
    const first = await start();
    await first.stop();
    const genesis = buildGenesis({ ...config, Balances: { balances: [[alice.account, 20_000n * mai]] } });
    await expect(start({ genesis })).rejects.toMatchObject({ code: "Foreign" });
  });

  test("seals by hand through RPC, and keeps offchain values", async () => {
    const node = await start({ sealing: "manual" });
    const { chain } = node.core;
    expect(await ask(node.rpcPort, "engine_createBlock", true, true)).toMatchObject({
      hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
    expect(chain.finalized.number).toBe(1);
    const paid = signed(alice, transfer(wallet(2).account, mai), chain, { nonce: 0 });
    await ask(node.rpcPort, "author_submitExtrinsic", `0x${Buffer.from(paid).toString("hex")}`);
    await ask(node.rpcPort, "engine_createBlock", false, false);
    expect(chain.body(chain.best.hash)).toHaveLength(2);
    await ask(node.rpcPort, "offchain_localStorageSet", "PERSISTENT", "0x01", "0x0203");
    expect(await ask(node.rpcPort, "offchain_localStorageGet", "PERSISTENT", "0x01")).toBe("0x0203");
    await node.stop();
    const again = await start({ sealing: "manual" });
    expect(await ask(again.rpcPort, "offchain_localStorageGet", "PERSISTENT", "0x01")).toBe("0x0203");
  });
});
