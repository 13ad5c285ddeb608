import { blake2_256 } from "../hashing.ts";
import { bitCount } from "./encoded-node.ts";
import {
  dropNibbles,
  joinNibbles,
  keyNibbles,
  NibblePath,
  type Nibbles,
  nibbleAt,
  nibbleCount,
  sharedNibbles,
  takeNibbles,
} from "./nibbles.ts";
import { nodeAddress, type Version, versionPrefix, versionSize } from "./node-address.ts";
import { type EncodedValue, emptyRoot, NodeWriter } from "./node-writer.ts";
import { Slab } from "./slab.ts";
import { isHashed, type StateVersion } from "./state-version.ts";
import type { NodeStore, Root, StoredNode } from "./stored-node.ts";

/** One key's new value; `undefined` deletes it. */
export interface KeyChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  /** The key is in the trie for sure, so that a leaf on its way is its own and need not be read. */
  readonly exists?: boolean;
}

/** A new state, as rows to add; nothing old is overwritten. */
export interface TrieUpdate {
  readonly rootHash: Uint8Array;
  readonly root: Root;
  /** Nodes the new version wrote. */
  readonly nodes: readonly NewNode[];
  /** Addresses of the nodes that the old state has and the new one does not. */
  readonly stale: readonly Uint8Array[];
}

/** A node to store: `row` is a `StoredNode`'s. */
export interface NewNode {
  readonly address: Uint8Array;
  readonly row: Uint8Array;
  readonly isLeaf: boolean;
}

/**
 * Applies `changes`, sorted by key without repeats, to the trie at `root`. Only nodes on the way to a change
 * are read, hashed and written, each once; all get the new `version`. Undefined when nothing is different.
 */
export function updateTrie(
  store: NodeStore,
  root: Root,
  version: Version,
  changes: readonly KeyChange[],
  stateVersion: StateVersion,
): TrieUpdate | undefined {
  return new Update(store, version, changes, stateVersion).run(root);
}

/** A value that goes into a node: the bytes, and their hash if the node holds that instead. */
interface NodeValue {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array | undefined;
}

/** A child that is written and hashed. */
interface Finished {
  readonly merkle: Uint8Array;
  readonly leaf: boolean;
}

/**
 * A node on its way: not written yet, because its parent may still take it in, which changes its partial key.
 * A slot is a new child, `null` where a child went, `undefined` where the old node's child (if any) stays.
 */
interface Draft {
  readonly partial: Nibbles;
  readonly value: NodeValue | undefined;
  readonly old: StoredNode | undefined;
  readonly slots: (Draft | Finished | null | undefined)[];
}

const unchanged = Symbol("unchanged");
/** `undefined`: nothing is left below this place. */
type Outcome = Draft | undefined | typeof unchanged;

class Update {
  readonly #store: NodeStore;
  readonly #version: Version;
  readonly #versionBytes: Uint8Array;
  readonly #changes: readonly KeyChange[];
  readonly #stateVersion: StateVersion;
  readonly #path = new NibblePath();
  readonly #writer = new NodeWriter();
  readonly #slab = new Slab();
  readonly #nodes: NewNode[] = [];
  readonly #stale: Uint8Array[] = [];

  constructor(store: NodeStore, version: Version, changes: readonly KeyChange[], stateVersion: StateVersion) {
    this.#store = store;
    this.#version = version;
    this.#versionBytes = versionPrefix(version);
    this.#changes = changes;
    this.#stateVersion = stateVersion;
  }

  run(root: Root): TrieUpdate | undefined {
    const outcome = this.#changes.length === 0 ? unchanged : this.#visit(root, 0, 0, this.#changes.length);
    if (outcome === unchanged) return undefined;
    const [nodes, stale] = [this.#nodes, this.#stale];
    if (outcome === undefined) {
      // Deleting from an empty trie changes nothing.
      return root ? { rootHash: emptyRoot, root: undefined, nodes, stale } : undefined;
    }
    const { leaf } = this.#finish(outcome, 0);
    return { rootHash: this.#writer.hash(), root: { version: this.#version, leaf }, nodes, stale };
  }

  /** Changes [low, high), which share `depth` nibbles, applied to what lies there. */
  #visit(link: Root, depth: number, low: number, high: number): Outcome {
    if (!link) return this.#build(depth, low, high);
    const address = nodeAddress(link.version, this.#path, depth);
    const only = high - low === 1 ? this.#changes[low]! : undefined;
    if (link.leaf && only?.exists && only.value !== undefined) {
      this.#stale.push(address);
      const partial = dropNibbles(keyNibbles(only.key), depth);
      return { partial, value: this.#newValue(only.value), old: undefined, slots: noSlots };
    }
    const node = this.#store.node(address);
    const outcome = this.#apply(node, node.encoded.partial, depth, low, high);
    if (outcome !== unchanged) this.#stale.push(address);
    return outcome;
  }

  /** Changes applied to a node as if its partial key were `partial`. */
  #apply(node: StoredNode, partial: Nibbles, depth: number, low: number, high: number): Outcome {
    const count = nibbleCount(partial);
    // The changes are sorted, so what the first and the last share with the node, all do.
    const shared = Math.min(
      sharedNibbles(partial, dropNibbles(keyNibbles(this.#changes[low]!.key), depth)),
      sharedNibbles(partial, dropNibbles(keyNibbles(this.#changes[high - 1]!.key), depth)),
    );
    if (shared < count) return this.#split(node, partial, shared, depth, low, high);

    const end = depth + count;
    this.#path.put(depth, partial);
    let value = oldValue(node);
    let changed = false;
    let at = low;
    const first = this.#changes[low]!;
    if (first.key.length * 2 === end) {
      at++;
      const next = first.value === undefined ? undefined : this.#newValue(first.value);
      changed = !sameValue(value, next);
      if (changed) value = next;
    }
    const slots: Draft["slots"] = new Array(16);
    while (at < high) {
      const nibble = nibbleAt(this.#changes[at]!.key, end);
      const next = this.#groupEnd(at, high, end, nibble);
      const link = node.link(nibble);
      this.#path.nibbles[end] = nibble;
      const outcome = this.#visit(link, end + 1, at, next);
      at = next;
      if (outcome === unchanged || (outcome === undefined && !link)) continue;
      slots[nibble] = outcome ?? null;
      changed = true;
    }
    return changed ? this.#settle({ partial, value, old: node, slots }, depth) : unchanged;
  }

  /** Some changes leave the node's partial key after `shared` nibbles: a branch comes between. */
  #split(
    node: StoredNode,
    partial: Nibbles,
    shared: number,
    depth: number,
    low: number,
    high: number,
  ): Outcome {
    const end = depth + shared;
    const head = takeNibbles(partial, shared);
    const rest = dropNibbles(partial, shared + 1);
    const own = nibbleAt(partial.bytes, partial.start + shared);
    this.#path.put(depth, head);
    let value: NodeValue | undefined;
    let moved: Outcome = unchanged;
    let siblings = false;
    const slots: Draft["slots"] = new Array(16);
    let at = low;
    const first = this.#changes[low]!;
    if (first.key.length * 2 === end) {
      at++;
      if (first.value !== undefined) value = this.#newValue(first.value);
    }
    while (at < high) {
      const nibble = nibbleAt(this.#changes[at]!.key, end);
      const next = this.#groupEnd(at, high, end, nibble);
      this.#path.nibbles[end] = nibble;
      if (nibble === own) moved = this.#apply(node, rest, end + 1, at, next);
      else {
        const built = this.#build(end + 1, at, next);
        if (built) {
          slots[nibble] = built;
          siblings = true;
        }
      }
      at = next;
    }
    if (!value && !siblings) {
      // Whatever left the partial key only deleted what was not there.
      if (moved === unchanged || moved === undefined) return moved;
      return { ...moved, partial: joinNibbles(head, own, moved.partial) };
    }
    const stays: Draft = { partial: rest, value: oldValue(node), old: node, slots: noSlots };
    slots[own] = moved === unchanged ? stays : (moved ?? null);
    return this.#settle({ partial: head, value, old: undefined, slots }, depth);
  }

  /** A new subtree of the values that changes [low, high) set. */
  #build(depth: number, low: number, high: number): Draft | undefined {
    let [from, to] = [low, high];
    while (from < to && this.#changes[from]!.value === undefined) from++;
    while (from < to && this.#changes[to - 1]!.value === undefined) to--;
    if (from === to) return undefined;
    const first = this.#changes[from]!;
    const key = dropNibbles(keyNibbles(first.key), depth);
    if (to - from === 1) {
      return { partial: key, value: this.#newValue(first.value!), old: undefined, slots: noSlots };
    }
    const shared = sharedNibbles(key, dropNibbles(keyNibbles(this.#changes[to - 1]!.key), depth));
    const end = depth + shared;
    const partial = takeNibbles(key, shared);
    this.#path.put(depth, partial);
    const value = nibbleCount(key) === shared ? this.#newValue(first.value!) : undefined;
    const slots: Draft["slots"] = new Array(16);
    for (let at = value ? from + 1 : from; at < to; ) {
      const nibble = nibbleAt(this.#changes[at]!.key, end);
      const next = this.#groupEnd(at, to, end, nibble);
      this.#path.nibbles[end] = nibble;
      slots[nibble] = this.#build(end + 1, at, next);
      at = next;
    }
    return this.#settle({ partial, value, old: undefined, slots }, depth);
  }

  /** Writes the draft's new children, unless the draft goes or takes in its only child. */
  #settle(draft: Draft, depth: number): Draft | undefined {
    const { partial, value, old, slots } = draft;
    const end = depth + nibbleCount(partial);
    let count = 0;
    let last = 0;
    for (let nibble = 0; nibble < 16; nibble++) {
      if (slots[nibble] === undefined ? old?.encoded.hasChild(nibble) : slots[nibble] !== null) {
        count++;
        last = nibble;
      }
    }
    if (count === 0) return value && { partial, value, old: undefined, slots: noSlots };
    this.#path.put(depth, partial);
    if (count === 1 && !value) {
      const child = slots[last];
      if (child && "partial" in child)
        return { ...child, partial: joinNibbles(partial, last, child.partial) };
      this.#path.nibbles[end] = last;
      const link = old!.link(last)!;
      const address = nodeAddress(link.version, this.#path, end + 1);
      const node = this.#store.node(address);
      this.#stale.push(address);
      const joined = joinNibbles(partial, last, node.encoded.partial);
      return { partial: joined, value: oldValue(node), old: node, slots: noSlots };
    }
    for (let nibble = 0; nibble < 16; nibble++) {
      const child = slots[nibble];
      if (!child || "merkle" in child) continue;
      this.#path.nibbles[end] = nibble;
      slots[nibble] = this.#finish(child, end + 1);
    }
    return draft;
  }

  /** Encodes, hashes and stores a draft whose children are written; its encoding stays in the writer. */
  #finish({ partial, value, old, slots }: Draft, depth: number): Finished {
    const writer = this.#writer;
    let bitmap = 0;
    let leaves = 0;
    for (let nibble = 0; nibble < 16; nibble++) {
      if (slots[nibble] === undefined ? old?.encoded.hasChild(nibble) : slots[nibble]) bitmap |= 1 << nibble;
    }
    writer.begin(partial, bitmap, value && encodeValue(value));
    // Children that stay are copied together as far as they stand together.
    const kept = new Run((start, end) => writer.raw(old!.row, start, end));
    for (let nibble = 0; nibble < 16; nibble++) {
      if (((bitmap >> nibble) & 1) === 0) continue;
      const child = slots[nibble] as Finished | undefined;
      if (child) {
        kept.flush();
        writer.child(child.merkle);
        if (child.leaf) leaves |= 1 << nibble;
      } else {
        const start = old!.encoded.childStart(nibble);
        kept.add(start, start + 1 + (old!.row[start]! >> 2));
        if (old!.isLeafAt(nibble)) leaves |= 1 << nibble;
      }
    }
    kept.flush();
    const isLeaf = bitmap === 0;
    const row = this.#row(bitmap, leaves, old, slots, value);
    this.#nodes.push({ address: nodeAddress(this.#version, this.#path, depth), row, isLeaf });
    return { merkle: writer.merkle(), leaf: isLeaf };
  }

  #row(
    bitmap: number,
    leaves: number,
    old: StoredNode | undefined,
    slots: Draft["slots"],
    value: NodeValue | undefined,
  ): Uint8Array {
    const { bytes, length } = this.#writer;
    const tail = value?.hash ? value.bytes : none;
    const children = bitCount(bitmap);
    const extra = children > 0 ? 2 + children * versionSize : 0;
    const row = this.#slab.take(length + extra + tail.length);
    row.set(bytes.subarray(0, length));
    if (tail.length > 0) row.set(tail, length + extra);
    if (children === 0) return row;
    row[length] = leaves & 0xff;
    row[length + 1] = leaves >> 8;
    let at = length + 2;
    for (let nibble = 0; nibble < 16; nibble++) {
      if (((bitmap >> nibble) & 1) === 0) continue;
      if (slots[nibble]) row.set(this.#versionBytes, at);
      else {
        const from = old!.versionStart(nibble);
        for (let i = 0; i < versionSize; i++) row[at + i] = old!.row[from + i]!;
      }
      at += versionSize;
    }
    return row;
  }

  #newValue(bytes: Uint8Array): NodeValue {
    return { bytes, hash: isHashed(bytes, this.#stateVersion) ? blake2_256(bytes) : undefined };
  }

  #groupEnd(from: number, high: number, depth: number, nibble: number): number {
    let end = from + 1;
    while (end < high && nibbleAt(this.#changes[end]!.key, depth) === nibble) end++;
    return end;
  }
}

/** Joins ranges that follow one another, and hands each joined one on. */
class Run {
  readonly #take: (start: number, end: number) => void;
  #start = 0;
  #end = 0;

  constructor(take: (start: number, end: number) => void) {
    this.#take = take;
  }

  add(start: number, end: number): void {
    if (start !== this.#end) {
      this.flush();
      this.#start = start;
    }
    this.#end = end;
  }

  flush(): void {
    if (this.#end > this.#start) this.#take(this.#start, this.#end);
    this.#start = this.#end;
  }
}

const none = new Uint8Array(0);
const noSlots: Draft["slots"] = [];

// A value of the old state keeps its form, inline or hashed, until it is set again.
function oldValue(node: StoredNode): NodeValue | undefined {
  const bytes = node.value();
  return bytes && { bytes, hash: node.encoded.hashed ? node.encoded.encodedValue() : undefined };
}

const encodeValue = ({ bytes, hash }: NodeValue): EncodedValue =>
  hash ? { hashed: true, bytes: hash } : { hashed: false, bytes };

function sameValue(a: NodeValue | undefined, b: NodeValue | undefined): boolean {
  if (!a || !b) return a === b;
  if ((a.hash === undefined) !== (b.hash === undefined) || a.bytes.length !== b.bytes.length) return false;
  return a.bytes.every((byte, i) => byte === b.bytes[i]);
}
