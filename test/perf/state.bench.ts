import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../node/db/database.ts";
import { StateDb } from "../../node/state/state-db.ts";
import { blake2_128, blake2_256, twox128 } from "../../runtime/primitives/hashing.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { Row, Table } from "./table.ts";

/**
 * What it costs to change 1,000 random accounts in states of different sizes, with the branches of the trie in
 * memory as after a while of running: computing the root, and with it preparing the batch that writes and
 * prunes. CPU time of the main thread, medians over blocks; LevelDB writes and compacts beside it.
 */
export async function stateBench(sizes: readonly number[] = [1e4, 1e5, 1e6]): Promise<Table> {
  const rows: Row[] = [];
  let first: Figures | undefined;
  // The first size would otherwise be measured on code that is not compiled yet, and flatter the others.
  await measure(Math.min(...sizes));
  for (const size of sizes) {
    const figures = await measure(size);
    first ??= figures;
    const beside = (value: number) =>
      size === sizes[0] ? {} : { against: { name: `at ${sizes[0]!.toLocaleString("en-US")}`, value } };
    const aim = size === sizes.at(-1) && size !== sizes[0] ? { aim: { atMost: 1.6 } } : {};
    const at = `at ${size.toLocaleString("en-US")} accounts`;
    rows.push(
      {
        name: `root of 1,000 changes ${at}`,
        value: figures.rootMs,
        unit: "ms",
        ...beside(first.rootMs),
        ...aim,
      },
      {
        name: `the same with the rows to write and prune ${at}`,
        value: figures.blockMs,
        unit: "ms",
        ...beside(first.blockMs),
      },
      { name: `read of one account ${at}`, value: figures.readUs, unit: "us", ...beside(first.readUs) },
      { name: `caches ${at}`, value: figures.cacheMiB, unit: "MiB" },
    );
  }
  return { title: "state", rows };
}

interface Figures {
  readonly rootMs: number;
  readonly blockMs: number;
  readonly readUs: number;
  readonly cacheMiB: number;
}

const changesPerBlock = 1000;
const blocks = 40;

async function measure(size: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "state-bench-"));
  const database = await Database.open(join(folder, "data"));
  const states = await StateDb.open(database, { pruning: 4 });
  let best = 0;
  const block = async (changes: Changes) => {
    const started = process.threadCpuUsage();
    const update = states.update(best, changes);
    const rootMs = cpuMs(started);
    const batch = database.batch();
    states.write(batch, update, { best: true });
    if (best > 0) await states.finalize(batch, best);
    const blockMs = cpuMs(started);
    await database.write(batch);
    best = update.version;
    return { rootMs, blockMs };
  };

  const step = Math.min(size, 50_000);
  const all = (from: number, round: number) =>
    new Map(
      Array.from({ length: step }, (_, i) => [keyText(accountKey(from + i)), accountInfo(from + i, round)]),
    );
  for (let from = 0; from < size; from += step) await block(all(from, 0));
  // Computed and thrown away: it passes through every branch.
  for (let from = 0; from < size; from += step) states.update(best, all(from, 1));

  const random = generator(7);
  const times: { rootMs: number; blockMs: number }[] = [];
  for (let round = 2; round <= blocks; round++) {
    const changed = Array.from({ length: changesPerBlock }, () => Math.floor(random() * size));
    const lookup = states.view(best);
    // As a block would: accounts are read before they are written.
    if (lookup.type === "ok") for (const index of changed) lookup.state.get(accountKey(index));
    const changes = new Map(changed.map((index) => [keyText(accountKey(index)), accountInfo(index, round)]));
    times.push(await block(changes));
  }
  const lookup = states.view(best);
  const keys = Array.from({ length: 20_000 }, () => accountKey(Math.floor(random() * size)));
  const started = process.threadCpuUsage();
  if (lookup.type === "ok") for (const key of keys) lookup.state.get(key);
  const readUs = (cpuMs(started) / keys.length) * 1000;
  const { nodes, values } = states.cachedBytes;
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  return {
    rootMs: median(times.map((time) => time.rootMs)),
    blockMs: median(times.map((time) => time.blockMs)),
    readUs,
    cacheMiB: (nodes + values) / 2 ** 20,
  };
}

const accountPrefix = Buffer.concat([twox128(Buffer.from("System")), twox128(Buffer.from("Account"))]);

function accountKey(index: number): Uint8Array {
  const account = blake2_256(Buffer.from(`account ${index}`));
  return new Uint8Array(Buffer.concat([accountPrefix, blake2_128(account), account]));
}

/** The 80 bytes of an AccountInfo. */
function accountInfo(index: number, round: number): Uint8Array {
  const info = new Uint8Array(80);
  const view = new DataView(info.buffer);
  view.setUint32(0, round, true);
  view.setUint32(8, 1, true);
  view.setUint32(16, 1_000_000 + index + round * 31, true);
  info[79] = 0x80;
  return info;
}

function cpuMs(started: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** The same numbers in [0, 1) in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
