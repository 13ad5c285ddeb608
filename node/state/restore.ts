import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { type Version, versionPrefix } from "../../runtime/primitives/trie/node-address.ts";
import { type StateVersion, stateVersion1 } from "../../runtime/primitives/trie/state-version.ts";
import type { Batch } from "../db/batch.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { NodeCache } from "./node-cache.ts";
import { RootMismatch } from "./root-mismatch.ts";
import { type Entry, entriesPerBatch, StateBuilder } from "./state-builder.ts";
import { readMeta, writeMeta } from "./state-meta.ts";
import { encodeStateRecord } from "./state-record.ts";

export type { Entry } from "./state-builder.ts";

export interface Restored {
  readonly rootHash: Uint8Array;
  /** States between the first one and this: the block's height. */
  readonly depth: number;
  readonly archive: boolean;
  readonly stateVersion?: StateVersion;
}

/** Version 1 is left to the first state, which such a database does not have: it counts as discarded. */
const firstVersion: Version = 2;

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
  const builder = new StateBuilder(database, cache, firstVersion - 1, stateVersion);
  const add = (part: ReadonlyMap<string, Entry>) =>
    builder.add(
      [...part.keys()].sort().map((text) => part.get(text)!),
      columns.flat,
    );

  let part = new Map<string, Entry>();
  for await (const entry of entries) {
    part.set(keyText(entry[0]), entry);
    if (part.size < entriesPerBatch) continue;
    await add(part);
    part = new Map();
  }
  await add(part);
  if (!equalBytes(builder.rootHash, rootHash)) throw new RootMismatch(rootHash, builder.rootHash);

  const batch = database.batch();
  const { version, root } = builder;
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
  return { entries: builder.count };
}
