import { LRUCache } from "lru-cache";
import { keyText, textKey } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { Version } from "../../runtime/primitives/trie/node-address.ts";
import type { Batch } from "../db/batch.ts";
import { type Column, columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { flatColumns, readMeta, writeMeta } from "./state-meta.ts";

/**
 * One state, the best block's, as plain rows from key to value: a read is one look-up, not a walk.
 * It moves to another state in the same batch that makes that one the best.
 */
export class FlatState {
  readonly #database: Database;
  readonly #values: LRUCache<string, Value>;
  #version: Version;
  #column: Column;
  #moving = false;

  constructor(database: Database, maxBytes: number) {
    this.#database = database;
    this.#values = new LRUCache({ maxSize: maxBytes, sizeCalculation: sizeOf });
    this.#version = readMeta(database, "flat") ?? 0;
    this.#column = flatColumns(database).used;
  }

  /** The state that is mirrored; 0, the empty one, in a new database. */
  get version(): Version {
    return this.#version;
  }

  /** Whether reads of this state may come here. While a batch is being written, none may. */
  isAt(version: Version): boolean {
    return this.#version === version && !this.#moving;
  }

  /** Only while `isAt` the state that is meant. */
  get(key: Uint8Array): Uint8Array | undefined {
    const text = keyText(key);
    const cached = this.#values.get(text);
    if (cached) return cached.bytes;
    const bytes = this.#database.get(this.#column, key);
    this.#values.set(text, { bytes });
    return bytes;
  }

  /** Whether the key is known to exist, without looking further than memory. */
  isKnown(text: string): boolean {
    return this.#values.get(text)?.bytes !== undefined;
  }

  get bytes(): number {
    return this.#values.calculatedSize;
  }

  /** Moves to `version`, which differs from the present state by these changes, one after another. */
  move(batch: Batch, version: Version, ...steps: readonly Changes[]): void {
    const changes = steps.length === 1 ? steps[0]! : new Map(steps.flatMap((step) => [...step]));
    for (const [text, value] of changes) {
      if (value === undefined) batch.delete(this.#column, textKey(text));
      else batch.put(this.#column, textKey(text), value);
    }
    writeMeta(batch, "flat", version);
    batch.watch({
      starts: () => {
        this.#moving = true;
      },
      written: () => {
        for (const [text, bytes] of changes) this.#values.set(text, { bytes });
        this.#version = version;
        this.#moving = false;
      },
    });
  }

  /** Moves to a state whose rows lie in the free column already. The rows of this one are nobody's from then on. */
  exchange(batch: Batch, version: Version): void {
    const column = flatColumns(this.#database).free;
    writeMeta(batch, "flat", version);
    writeMeta(batch, "flatColumn", column === columns.otherFlat ? 1 : 0);
    batch.watch({
      starts: () => {
        this.#moving = true;
      },
      written: () => {
        this.#values.clear();
        this.#version = version;
        this.#column = column;
        this.#moving = false;
      },
    });
  }
}

/** A cached answer; that a key has no value is one too. */
interface Value {
  readonly bytes: Uint8Array | undefined;
}

// Keys of about 80 bytes, and the objects around.
const overhead = 250;
const sizeOf = ({ bytes }: Value): number => (bytes?.length ?? 0) + overhead;
