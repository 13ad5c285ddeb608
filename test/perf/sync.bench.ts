/** What synchronisation costs: beside local import of the same blocks, the short way beside the long one, and at the head. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImportQueue } from "../../node/chain/import-queue.ts";
import type { Block, Justification } from "../../node/chain/types.ts";
import { openMember, payers } from "../support/sync-member.ts";
import { signed, transfer } from "../support/wallet.ts";
import type { Table } from "./table.ts";

const accounts = 20_000;
const height = 400;
/** Of the blocks, so many at the end are full of transfers by all payers. */
const full = 200;
const announced = 30;

interface ProvenBlock {
  readonly block: Block;
  readonly justifications: readonly Justification[];
}

export async function syncBench(): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), "sync-bench-"));
  const path = (name: string) => join(folder, name);
  let source: ChildProcess | undefined;
  try {
    const blocks = await makeChain(path("source"));
    const transactions = blocks.reduce((sum, { block }) => sum + block.extrinsics.length - 1, 0);
    // Twice each, and the better one: whatever else runs on the machine takes part in wall time.
    const local = Math.min(
      await localImport(path("local"), blocks),
      await localImport(path("local again"), blocks),
    );
    source = fork(join(import.meta.dirname, "sync-source.ts"), [path("source"), String(accounts)], {
      serialization: "advanced",
    });
    const [{ address }] = (await once(source, "message")) as [{ address: string }];
    const [first, second] = [
      await catchUp(path("full"), "full", address),
      await catchUp(path("full again"), "full", address),
    ];
    const long = { reached: Math.min(first.reached, second.reached) };
    const short = await catchUp(path("fast"), "fast", address, source);
    const rate = (count: number, seconds: number) => count / seconds;
    const beside = (count: number) => ({ name: "local import", value: rate(count, local) });
    return [
      {
        title: `Synchronisation over loopback, ${height} blocks with ${transactions} transfers, ${accounts} accounts`,
        rows: [
          {
            name: "full, blocks",
            value: rate(height, long.reached),
            unit: "blocks/s",
            against: beside(height),
            aim: { atLeast: 0.8 },
          },
          {
            name: "full, transfers",
            value: rate(transactions, long.reached),
            unit: "transfers/s",
            against: beside(transactions),
            aim: { atLeast: 0.8 },
          },
          {
            name: "fast, until it follows",
            value: short.reached,
            unit: "s",
            against: { name: "full", value: long.reached },
          },
          { name: "fast, until the blocks before are filled in", value: short.filled, unit: "s" },
          { name: "from the author's import of a block to ours", value: short.delay, unit: "ms" },
        ],
      },
    ];
  } finally {
    source?.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Blocks of the benchmark, in a database that the source will serve. */
async function makeChain(path: string): Promise<ProvenBlock[]> {
  const member = await openMember(path, { isAuthor: true, accounts });
  const { chain, pool } = member.core;
  for (let number = 1; number <= height; number++) {
    const nonce = number - (height - full) - 1;
    if (nonce >= 0) {
      const to = payers[nonce % payers.length]!.account;
      await Promise.all(
        payers.map((payer) => pool.submit(signed(payer, transfer(to, 1n), chain, { nonce }), "External")),
      );
    }
    const block = await member.seal();
    while (chain.finalized.number < block.number) await once(chain.events, "finalized");
  }
  const blocks = Array.from({ length: height }, (_, i): ProvenBlock => {
    const hash = chain.hashAt(i + 1)!;
    const block = { header: chain.header(hash)!, extrinsics: chain.body(hash)! };
    return { block, justifications: chain.justifications(hash) ?? [] };
  });
  await member.close();
  return blocks;
}

/** Seconds for the same blocks from memory on a node of the same kind that has no peers. */
async function localImport(path: string, blocks: readonly ProvenBlock[]): Promise<number> {
  const { core, finality, close } = await openMember(path, { accounts });
  const queue = new ImportQueue(core.chain);
  const started = performance.now();
  for (let at = 0; at < blocks.length; at += 32) {
    const part = blocks.slice(at, at + 32);
    const results = await Promise.all(part.map(({ block }) => queue.push(block, "sync")));
    for (const [i, { hash }] of results.entries()) {
      for (const proof of part[i]!.justifications) await finality.importJustification(hash, proof);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  if (core.chain.best.number !== blocks.length) throw new Error("a block was not imported");
  queue.close();
  await close();
  return seconds;
}

/** Seconds from dialling the source until our best block is its; with the child, how new blocks come, too. */
async function catchUp(path: string, mode: "full" | "fast", address: string, source?: ChildProcess) {
  const member = await openMember(path, { mode, accounts });
  const { chain } = member.core;
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  await member.network.dial(address);
  while (chain.best.number < height) await once(chain.events, "best");
  const reached = since();
  while (chain.gap) await new Promise((resolve) => setTimeout(resolve, 5));
  const filled = since();
  const delays: number[] = [];
  for (let i = 0; source && i < announced; i++) {
    const here = once(chain.events, "imported").then(() => performance.timeOrigin + performance.now());
    const there = once(source, "message") as Promise<[{ at: number }]>;
    source.send("seal");
    delays.push((await here) - (await there)[0].at);
  }
  await member.close();
  return { reached, filled, delay: delays.sort((a, b) => a - b)[delays.length >> 1] ?? 0 };
}
