import { keyText } from "../key-text.ts";
import type { Changes } from "../storage.ts";
import { dropNibbles, NibblePath, type Nibbles, nibbleAt, nibbleCount, sharedNibbles } from "./nibbles.ts";
import { nodeAddress } from "./node-address.ts";
import type { Link, NodeStore, Root, StoredNode } from "./stored-node.ts";

/** What turns the state at `from` into the state at `to`. Parts they share are not read. */
export function trieDiff(store: NodeStore, from: Root, to: Root): Changes {
  const changes = new Map<string, Uint8Array | undefined>();
  const path = new NibblePath();
  const open = (link: Link, depth: number): Side => {
    const node = store.node(nodeAddress(link.version, path, depth));
    return { node, partial: node.encoded.partial };
  };

  // Records everything below a side's place as new, or as gone.
  const all = (side: Side | undefined, depth: number, isNew: boolean): void => {
    if (!side) return;
    const { node, partial } = side;
    const end = depth + nibbleCount(partial);
    path.put(depth, partial);
    const value = node.value();
    if (value) changes.set(keyText(path.pack(end)), isNew ? value : undefined);
    for (let nibble = 0; nibble < 16; nibble++) {
      const link = node.link(nibble);
      if (!link) continue;
      path.nibbles[end] = nibble;
      all(open(link, end + 1), end + 1, isNew);
    }
  };

  const compare = (a: Side | undefined, b: Side | undefined, depth: number): void => {
    if (!a || !b) {
      all(a, depth, false);
      all(b, depth, true);
      return;
    }
    const shared = sharedNibbles(a.partial, b.partial);
    const end = depth + shared;
    const [endsA, endsB] = [nibbleCount(a.partial) === shared, nibbleCount(b.partial) === shared];
    if (!endsA && !endsB) {
      all(a, depth, false);
      all(b, depth, true);
      return;
    }
    path.put(depth, endsA ? a.partial : b.partial);
    const valueA = endsA ? a.node.value() : undefined;
    const valueB = endsB ? b.node.value() : undefined;
    if (valueB ? !valueA || !same(valueA, valueB) : valueA) changes.set(keyText(path.pack(end)), valueB);
    for (let nibble = 0; nibble < 16; nibble++) {
      if (endsA && endsB && sameChild(a.node, b.node, nibble)) continue;
      path.nibbles[end] = nibble;
      const below = (side: Side, ends: boolean): Side | undefined => {
        if (!ends) return step(side, shared, nibble);
        const link = side.node.link(nibble);
        return link && open(link, end + 1);
      };
      compare(below(a, endsA), below(b, endsB), end + 1);
    }
  };

  if (from?.version !== to?.version) compare(from && open(from, 0), to && open(to, 0), 0);
  return changes;
}

/** A node as seen from inside its partial key, of which `partial` is left. */
interface Side {
  readonly node: StoredNode;
  readonly partial: Nibbles;
}

// The same node one nibble further, behind `count` nibbles of its partial key; it lies on one way only.
function step({ node, partial }: Side, count: number, nibble: number): Side | undefined {
  if (nibbleAt(partial.bytes, partial.start + count) !== nibble) return undefined;
  return { node, partial: dropNibbles(partial, count + 1) };
}

function sameChild(a: StoredNode, b: StoredNode, nibble: number): boolean {
  if (!a.encoded.hasChild(nibble) || !b.encoded.hasChild(nibble)) {
    return a.encoded.hasChild(nibble) === b.encoded.hasChild(nibble);
  }
  return same(a.encoded.child(nibble), b.encoded.child(nibble));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
