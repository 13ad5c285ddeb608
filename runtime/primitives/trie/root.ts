import { encode } from "../codec.ts";
import { compact } from "../codec-compact.ts";
import { u32 } from "../codec-number.ts";
import { blake2_256 } from "../hashing.ts";
import { keyText } from "../key-text.ts";
import { type Nibbles, nibbleAt } from "./nibbles.ts";
import { type EncodedValue, emptyRoot, NodeWriter } from "./node-writer.ts";
import { isHashed, type StateVersion, stateVersion0 } from "./state-version.ts";

const compactIndex = compact(u32);

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** Root of Substrate's trie over `entries`, in any order; of entries with the same key the last counts. */
export function trieRoot(entries: Iterable<Entry>, version: StateVersion): Uint8Array {
  const unique = new Map<string, Entry>();
  for (const entry of entries) unique.set(keyText(entry[0]), entry);
  if (unique.size === 0) return emptyRoot;
  const sorted = [...unique.keys()].sort().map((key) => unique.get(key)!);
  const writer = new NodeWriter();
  writeNode(writer, sorted, 0, sorted.length, 0, version);
  return writer.hash();
}

/**
 * Root of the trie over SCALE compact index to value: the extrinsics root of a header. The runtime's
 * `system_version` 0 and 1 use layout 0 for it whatever the state's layout is.
 */
export function orderedTrieRoot(values: readonly Uint8Array[], version = stateVersion0): Uint8Array {
  return trieRoot(
    values.map((value, index) => [encode(compactIndex, index), value] as const),
    version,
  );
}

// Leaves the node of entries [low, high), which share `depth` nibbles, in the writer. Children come first,
// because the writer holds one node at a time.
function writeNode(
  writer: NodeWriter,
  entries: readonly Entry[],
  low: number,
  high: number,
  depth: number,
  version: StateVersion,
): void {
  const [first, firstValue] = entries[low]!;
  const end = sharedUpTo(first, entries[high - 1]![0], depth);
  const partial: Nibbles = { bytes: first, start: depth, end };
  const value = first.length * 2 === end ? encodeValue(firstValue, version) : undefined;
  const children: Uint8Array[] = [];
  let bitmap = 0;
  for (let at = value ? low + 1 : low; at < high; ) {
    const nibble = nibbleAt(entries[at]![0], end);
    let next = at + 1;
    while (next < high && nibbleAt(entries[next]![0], end) === nibble) next++;
    writeNode(writer, entries, at, next, end + 1, version);
    children.push(writer.merkle());
    bitmap |= 1 << nibble;
    at = next;
  }
  writer.begin(partial, bitmap, value);
  for (const child of children) writer.child(child);
}

const encodeValue = (value: Uint8Array, version: StateVersion): EncodedValue =>
  isHashed(value, version) ? { hashed: true, bytes: blake2_256(value) } : { hashed: false, bytes: value };

function sharedUpTo(a: Uint8Array, b: Uint8Array, from: number): number {
  const limit = Math.min(a.length, b.length) * 2;
  let at = from;
  while (at < limit && nibbleAt(a, at) === nibbleAt(b, at)) at++;
  return at;
}
