import { keyText } from "../../../runtime/primitives/key-text.ts";
import { NibblePath, nibbleCount } from "../../../runtime/primitives/trie/nibbles.ts";
import { nodeAddress, readVersion, type Version } from "../../../runtime/primitives/trie/node-address.ts";
import { trieRoot } from "../../../runtime/primitives/trie/root.ts";
import { type Link, StoredNode } from "../../../runtime/primitives/trie/stored-node.ts";
import { columns } from "../../db/columns.ts";
import type { Database } from "../../db/database.ts";
import { flatColumns } from "../state-meta.ts";
import { decodeStateRecord } from "../state-record.ts";

/**
 * Reads a database row by row, without the code that wrote it, and says what is wrong: a state whose entries
 * do not have its root, a trie node that no state reaches, a flat row that is not the best state's.
 */
export async function auditStates(database: Database, best: Version): Promise<string[]> {
  const faults: string[] = [];
  const reached = new Set<string>();
  const states = new Map<Version, Map<string, Uint8Array>>();
  for await (const [key, bytes] of database.entries(columns.state)) {
    const record = decodeStateRecord(readVersion(key, 0), bytes);
    const entries = new Map<string, Uint8Array>();
    if (record.root) readAll(database, record.root, new NibblePath(), 0, reached, entries, faults);
    const pairs = [...entries].map(([text, value]) => [Buffer.from(text, "latin1"), value] as const);
    if (Buffer.compare(trieRoot(pairs, 1), record.rootHash) !== 0)
      faults.push(`root of state ${record.version}`);
    states.set(record.version, entries);
  }
  for await (const key of database.keys(columns.node)) {
    if (!reached.has(keyText(key))) faults.push(`node ${Buffer.from(key).toString("hex")} is left over`);
  }
  const flat = new Map<string, Uint8Array>();
  for await (const [key, value] of database.entries(flatColumns(database).used))
    flat.set(keyText(key), value);
  const expected = states.get(best) ?? new Map<string, Uint8Array>();
  for (const key of new Set([...flat.keys(), ...expected.keys()])) {
    const [a, b] = [flat.get(key), expected.get(key)];
    if (!a || !b || Buffer.compare(a, b) !== 0)
      faults.push(`flat row ${Buffer.from(key, "latin1").toString("hex")}`);
  }
  for await (const key of database.keys(columns.journal)) {
    if (!states.has(readVersion(key, 0))) faults.push(`journal ${readVersion(key, 0)} is left over`);
  }
  for await (const [, version] of database.entries(columns.canonical)) {
    if (!states.has(readVersion(version, 0)))
      faults.push(`canonical entry of ${readVersion(version, 0)} is left over`);
  }
  return faults;
}

function readAll(
  database: Database,
  link: Link,
  path: NibblePath,
  depth: number,
  reached: Set<string>,
  entries: Map<string, Uint8Array>,
  faults: string[],
): void {
  const address = nodeAddress(link.version, path, depth);
  const row = database.get(columns.node, address);
  if (!row) {
    faults.push(`node ${Buffer.from(address).toString("hex")} is missing`);
    return;
  }
  reached.add(keyText(address));
  const node = new StoredNode(row);
  if (node.isLeaf !== link.leaf)
    faults.push(`node ${Buffer.from(address).toString("hex")} is linked wrongly`);
  const end = depth + nibbleCount(node.encoded.partial);
  path.put(depth, node.encoded.partial);
  const value = node.value();
  if (value) entries.set(keyText(path.pack(end)), value);
  for (let nibble = 0; nibble < 16; nibble++) {
    const child = node.link(nibble);
    if (!child) continue;
    path.nibbles[end] = nibble;
    readAll(database, child, path, end + 1, reached, entries, faults);
  }
}
