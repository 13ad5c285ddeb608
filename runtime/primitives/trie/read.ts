import { NibblePath, nibbleAt, nibbleCount } from "./nibbles.ts";
import { nodeAddress } from "./node-address.ts";
import type { NodeStore, Root, StoredNode } from "./stored-node.ts";

/** The value under `key`. */
export function readValue(store: NodeStore, root: Root, key: Uint8Array): Uint8Array | undefined {
  let value: Uint8Array | undefined;
  descend(store, root, key, (node, ends) => {
    if (ends) value = node.value();
  });
  return value;
}

/**
 * Visits the nodes on the way to `key`, from the root as far as the trie goes; `ends` says that the node is
 * the key's own.
 */
export function descend(
  store: NodeStore,
  root: Root,
  key: Uint8Array,
  visit: (node: StoredNode, ends: boolean) => void,
): void {
  const path = keyPath(key);
  const length = key.length * 2;
  let depth = 0;
  for (let link = root; link; ) {
    const node = store.node(nodeAddress(link.version, path, depth));
    const { partial } = node.encoded;
    const end = depth + nibbleCount(partial);
    let matches = end <= length;
    for (let i = depth; matches && i < end; i++) {
      matches = path.nibbles[i] === nibbleAt(partial.bytes, partial.start + i - depth);
    }
    visit(node, matches && end === length);
    if (!matches || end === length) return;
    link = node.link(path.nibbles[end]!);
    depth = end + 1;
  }
}

/**
 * The merkle value of the topmost node whose path begins with `prefix`, `rootHash` if that is the root; it
 * stands for everything below the prefix.
 */
export function closestMerkleValue(
  store: NodeStore,
  root: Root,
  prefix: Uint8Array,
  rootHash: Uint8Array,
): Uint8Array | undefined {
  const path = keyPath(prefix);
  const length = prefix.length * 2;
  let merkle = rootHash;
  let depth = 0;
  for (let link = root; link; ) {
    const node = store.node(nodeAddress(link.version, path, depth));
    const { partial } = node.encoded;
    const end = depth + nibbleCount(partial);
    for (let i = depth; i < end && i < length; i++) {
      if (path.nibbles[i] !== nibbleAt(partial.bytes, partial.start + i - depth)) return undefined;
    }
    if (end >= length) return merkle;
    const nibble = path.nibbles[end]!;
    link = node.link(nibble);
    if (link) merkle = node.encoded.child(nibble);
    depth = end + 1;
  }
  return undefined;
}

/** Entries with keys greater than `after` in key order, or all of them. */
export function* entriesAfter(
  store: NodeStore,
  root: Root,
  after?: Uint8Array,
): Generator<[key: Uint8Array, value: Uint8Array]> {
  if (root)
    yield* walk({ store, path: new NibblePath(), after: after && keyPath(after).nibbles }, root, 0, !!after);
}

interface Walk {
  readonly store: NodeStore;
  readonly path: NibblePath;
  /** Nibbles of the key to start behind. */
  readonly after: Uint8Array | undefined;
}

// `bound`: everything above this place is a prefix of `after`, so some of what is below may come before it.
function* walk(
  at: Walk,
  link: NonNullable<Root>,
  depth: number,
  bound: boolean,
): Generator<[Uint8Array, Uint8Array]> {
  const { store, path, after } = at;
  const node = store.node(nodeAddress(link.version, path, depth));
  const { partial, bitmap } = node.encoded;
  const end = depth + nibbleCount(partial);
  let stillBound = bound;
  if (bound && after) {
    for (let i = depth; stillBound && i < end; i++) {
      const nibble = nibbleAt(partial.bytes, partial.start + i - depth);
      if (i >= after.length || nibble > after[i]!) stillBound = false;
      else if (nibble < after[i]!) return;
    }
  }
  path.put(depth, partial);
  // A bound node is `after` itself or comes before it.
  const value = stillBound ? undefined : node.value();
  if (value) yield [path.pack(end), value];
  if (bitmap === 0) return;
  const from = stillBound && after && end < after.length ? after[end]! : 0;
  for (let nibble = from; nibble < 16; nibble++) {
    const child = node.link(nibble);
    if (!child) continue;
    path.nibbles[end] = nibble;
    const childBound = stillBound && after !== undefined && end < after.length && nibble === from;
    yield* walk(at, child, end + 1, childBound);
  }
}

function keyPath(key: Uint8Array): NibblePath {
  const path = new NibblePath();
  path.nibbles = new Uint8Array(key.length * 2);
  for (let i = 0; i < key.length; i++) {
    path.nibbles[2 * i] = key[i]! >> 4;
    path.nibbles[2 * i + 1] = key[i]! & 15;
  }
  return path;
}
