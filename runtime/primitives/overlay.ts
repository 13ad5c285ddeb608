import { AppendBuffer } from "./append-buffer.ts";
import { keyText, textKey } from "./key-text.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { Backend, Changes, Storage } from "./storage.ts";

/**
 * The changes of one execution on top of a state that stays as it is.
 * Transactions nest; one costs only what was written inside it, because it is an undo log: `commit` forgets
 * a mark, `rollback` walks the log back to it.
 */
export class Overlay implements Storage {
  readonly #backend: Backend;
  readonly #entries = new Map<string, Entry>();
  readonly #undo: Undo[] = [];
  readonly #marks: number[] = [];
  #order: SortedKeys | undefined;
  #changes: Changes | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const entry = this.#entries.get(keyText(key));
    if (entry === undefined) return this.#backend.get(key);
    return entry === deleted ? undefined : entry instanceof AppendBuffer ? entry.value() : entry;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#put(keyText(key), value);
  }

  delete(key: Uint8Array): void {
    this.#put(keyText(key), deleted);
  }

  /**
   * Adds one encoded item to the SCALE `Vec` under `key`, which is neither read back nor copied.
   * Returns how many items it has now.
   */
  append(key: Uint8Array, item: Uint8Array): number {
    const text = keyText(key);
    const entry = this.#entries.get(text);
    if (entry instanceof AppendBuffer) {
      this.#log(text, entry);
      entry.push(item);
      return entry.count;
    }
    const buffer = new AppendBuffer(this.get(key));
    buffer.push(item);
    this.#put(text, buffer);
    return buffer.count;
  }

  nextKey(key: Uint8Array): Uint8Array | undefined {
    const own = this.#keys().next(keyText(key), this.#isLive);
    let below = this.#backend.nextKey(key);
    for (; below; below = this.#backend.nextKey(below)) {
      const text = keyText(below);
      // Keys that both sides have are found by whichever comes first.
      if (own !== undefined && own <= text) break;
      if (this.#entries.get(text) !== deleted) return below;
    }
    return own === undefined ? undefined : textKey(own);
  }

  root(): Uint8Array {
    return this.#backend.root(this.changes());
  }

  /** What is different from the state below. The same map comes back until something is written. */
  changes(): Changes {
    if (this.#changes) return this.#changes;
    const changes = new Map<string, Uint8Array | undefined>();
    for (const [key, entry] of this.#entries) {
      changes.set(key, entry === deleted ? undefined : entry instanceof AppendBuffer ? entry.value() : entry);
    }
    this.#changes = changes;
    return changes;
  }

  /** Opens a transaction inside the one that is open, if any. */
  begin(): void {
    this.#marks.push(this.#undo.length);
  }

  /** Keeps what was written since `begin`. */
  commit(): void {
    this.#close();
    if (this.#marks.length === 0) this.#undo.length = 0;
  }

  /** Undoes what was written since `begin`. */
  rollback(): void {
    const mark = this.#close();
    this.#changes = undefined;
    while (this.#undo.length > mark) {
      const { key, entry, count, length } = this.#undo.pop()!;
      if (entry === undefined) this.#entries.delete(key);
      else {
        if (entry instanceof AppendBuffer) entry.truncate(count, length);
        this.#entries.set(key, entry);
      }
    }
  }

  /**
   * Deletes the keys that start with `prefix`, as FRAME's `clear` does: what this overlay wrote goes at once,
   * of the state below at most `limit` keys are visited, from `cursor` on. The result's `cursor` is where to
   * go on, or undefined when nothing is left.
   */
  deletePrefix(prefix: Uint8Array, limit = Number.POSITIVE_INFINITY, cursor?: Uint8Array): Removal {
    const text = keyText(prefix);
    let unique = 0;
    for (const key of this.#keys().withPrefix(text, this.#isLive)) {
      this.#put(key, deleted);
      unique++;
    }
    let backend = 0;
    let loops = 0;
    const start = cursor ?? prefix;
    let key = this.#backend.get(start) === undefined ? this.#backend.nextKey(start) : start;
    for (; key; key = this.#backend.nextKey(key)) {
      const found = keyText(key);
      if (!found.startsWith(text)) break;
      if (loops === limit) return { cursor: key, backend, unique: unique + backend, loops };
      loops++;
      if (this.#entries.get(found) === deleted) continue;
      this.#put(found, deleted);
      backend++;
    }
    return { cursor: undefined, backend, unique: unique + backend, loops };
  }

  #put(key: string, value: Value): void {
    const entry = this.#entries.get(key);
    this.#log(key, entry);
    this.#entries.set(key, value);
    if (entry === undefined) this.#order?.add(key);
  }

  #log(key: string, entry: Entry): void {
    this.#changes = undefined;
    if (this.#marks.length === 0) return;
    const grows = entry instanceof AppendBuffer;
    this.#undo.push({ key, entry, count: grows ? entry.count : 0, length: grows ? entry.length : 0 });
  }

  #keys(): SortedKeys {
    this.#order ??= new SortedKeys(this.#entries.keys());
    return this.#order;
  }

  // Keys that were deleted or rolled back stay in the order.
  readonly #isLive = (key: string): boolean => {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry !== deleted;
  };

  #close(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new Error("no transaction is open");
    return mark;
  }
}

/** What `deletePrefix` did; the fields of FRAME's `MultiRemovalResults`. */
export interface Removal {
  readonly cursor: Uint8Array | undefined;
  /** Keys deleted from the state below. */
  readonly backend: number;
  /** Keys deleted in all. */
  readonly unique: number;
  /** Keys of the state below that were visited. */
  readonly loops: number;
}

const deleted = Symbol("deleted");
type Value = Uint8Array | AppendBuffer | typeof deleted;
type Entry = Value | undefined;

interface Undo {
  readonly key: string;
  readonly entry: Entry;
  readonly count: number;
  readonly length: number;
}
