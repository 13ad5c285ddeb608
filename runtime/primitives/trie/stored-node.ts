import { bitCount, EncodedNode, TrieError } from "./encoded-node.ts";
import { readVersion, type Version, versionSize } from "./node-address.ts";

/** How a parent knows a child: which version wrote it, whether it is a leaf, and its merkle value. */
export interface Link {
  readonly version: Version;
  readonly leaf: boolean;
}

/**
 * A node as it is stored: its encoding, then for a branch which children are leaves (u16) and the version of
 * each child, then the value itself where the encoding holds only its hash.
 */
export class StoredNode {
  readonly row: Uint8Array;
  readonly encoded: EncodedNode;
  readonly #leaves: number;
  readonly #versions: number;
  readonly #tail: number;

  /** Throws `TrieError` when `row` is not a stored node. */
  constructor(row: Uint8Array) {
    const encoded = new EncodedNode(row);
    const children = bitCount(encoded.bitmap);
    this.row = row;
    this.encoded = encoded;
    this.#versions = encoded.end + (children > 0 ? 2 : 0);
    this.#tail = this.#versions + children * versionSize;
    if (encoded.hashed ? this.#tail > row.length : this.#tail !== row.length) {
      throw new TrieError("a stored trie node has the wrong length");
    }
    this.#leaves = children > 0 ? row[encoded.end]! | (row[encoded.end + 1]! << 8) : 0;
  }

  get isLeaf(): boolean {
    return this.encoded.bitmap === 0;
  }

  /** The link to child `nibble`, if there is one. */
  link(nibble: number): Link | undefined {
    if (!this.encoded.hasChild(nibble)) return undefined;
    return { version: readVersion(this.row, this.versionStart(nibble)), leaf: this.isLeafAt(nibble) };
  }

  isLeafAt(nibble: number): boolean {
    return ((this.#leaves >> nibble) & 1) === 1;
  }

  /** Where the version of child `nibble` stands in the row; versions follow one another as children do. */
  versionStart(nibble: number): number {
    return this.#versions + this.encoded.childRank(nibble) * versionSize;
  }

  /** The whole value, whichever way the encoding holds it. */
  value(): Uint8Array | undefined {
    const { encoded } = this;
    if (!encoded.hasValue) return undefined;
    return encoded.hashed ? this.row.subarray(this.#tail) : encoded.encodedValue();
  }

  /** The node in Substrate's encoding, as a proof holds it. */
  encoding(): Uint8Array {
    return this.row.subarray(0, this.encoded.end);
  }
}

/** Where tries read their nodes from. */
export interface NodeStore {
  /** The node at an address that a parent or a root named. Throws when it is not there. */
  node(address: Uint8Array): StoredNode;
}

/** A state's trie: the node at its root, or undefined when it is empty. */
export type Root = Link | undefined;
