import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { type Version, versionPrefix } from "../../runtime/primitives/trie/node-address.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import { type StateVersion, stateVersion1 } from "../../runtime/primitives/trie/state-version.ts";
import type { Root } from "../../runtime/primitives/trie/stored-node.ts";
import { updateTrie } from "../../runtime/primitives/trie/update.ts";
import type { Batch } from "../db/batch.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { corrupt } from "../db/errors.ts";
import { NodeCache } from "./node-cache.ts";
import { readMeta, writeMeta } from "./state-meta.ts";
import { encodeStateRecord } from "./state-record.ts";

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

export interface Restored {
  readonly rootHash: Uint8Array;
  /** States between the first one and this: the block's height. */
  readonly depth: number;
  readonly archive: boolean;
  readonly stateVersion?: StateVersion;
}

/** Version 1 is left to the first state, which such a database does not have: it counts as discarded. */
const firstVersion: Version = 2;
const entriesPerBatch = 10_000;

/**
 * Fills a database that has no states with one whole state, final and best, from its entries in any order.
 * Memory is bounded by a part of them. With the last batch go the rows that `finish` adds, such as the
 * block's. Throws `RootMismatch` when the entries do not have the root; the database is then good for nothing,
 * and says so when it is opened, as after a restore that was broken off.
 */
export async function restoreState(
  database: Database,
  entries: AsyncIterable<Entry>,
  { rootHash, depth, archive, stateVersion = stateVersion1 }: Restored,
  finish: (batch: Batch, version: Version) => void,
): Promise<{ readonly entries: number }> {
  if (readMeta(database, "next") !== undefined)
    throw new Error("a state is restored into a new database only");
  const mark = database.batch();
  writeMeta(mark, "restoring", 1);
  await database.write(mark, { sync: true });

  const cache = new NodeCache(database, 32 * 2 ** 20);
  const nodes = {
    node(address: Uint8Array) {
      const node = cache.get(address);
      if (!node) throw corrupt(`trie node 0x${Buffer.from(address).toString("hex")} is missing`);
      return node;
    },
  };
  let root: Root;
  let hash = emptyRoot;
  let version = firstVersion - 1;
  let count = 0;
  const add = async (part: ReadonlyMap<string, Entry>) => {
    const batch = database.batch();
    const sorted = [...part.keys()].sort().map((text) => part.get(text)!);
    const changes = sorted.map(([key, value]) => ({ key, value }));
    const update = updateTrie(nodes, root, ++version, changes, stateVersion);
    if (!update) return;
    for (const { address, row } of update.nodes) batch.put(columns.node, address, row);
    for (const address of update.stale) batch.delete(columns.node, address);
    for (const [key, value] of sorted) batch.put(columns.flat, key, value);
    await database.write(batch);
    for (const node of update.nodes) cache.add(node);
    [root, hash] = [update.root, update.rootHash];
    count += sorted.length;
  };

  let part = new Map<string, Entry>();
  for await (const entry of entries) {
    part.set(keyText(entry[0]), entry);
    if (part.size < entriesPerBatch) continue;
    await add(part);
    part = new Map();
  }
  await add(part);
  if (!equalBytes(hash, rootHash)) throw new RootMismatch(rootHash, hash);

  const batch = database.batch();
  const state = { version, rootHash, root, parent: 0, depth };
  batch.put(columns.state, versionPrefix(version), encodeStateRecord(state));
  batch.put(columns.canonical, versionPrefix(depth), versionPrefix(version));
  writeMeta(batch, "next", version + 1);
  writeMeta(batch, "final", depth);
  writeMeta(batch, "oldest", depth);
  writeMeta(batch, "archive", archive ? 1 : 0);
  writeMeta(batch, "flat", version);
  writeMeta(batch, "restoring", 0);
  finish(batch, version);
  await database.write(batch, { sync: true });
  return { entries: count };
}

/** Entries that are not the state they claim to be. */
export class RootMismatch extends Error {
  constructor(expected: Uint8Array, found: Uint8Array) {
    const [want, got] = [expected, found].map((hash) => `0x${Buffer.from(hash).toString("hex")}`);
    super(`the entries have the state root ${got}, not ${want}`);
    this.name = "RootMismatch";
  }
}
