import type { Level } from "level";
import { checksumSize, writeChecksum } from "./checksum.ts";
import type { Column } from "./columns.ts";

type Chained = ReturnType<Level<Buffer, Buffer>["batch"]>;

/** Writes that happen together or not at all, through `Database.write`. Values are copied as they are put. */
export class Batch {
  readonly #chained: Chained;
  readonly #watchers: BatchWatcher[] = [];
  size = 0;

  constructor(chained: Chained) {
    this.#chained = chained;
  }

  put(column: Column, key: Uint8Array, value: Uint8Array): void {
    const start = 1 + key.length;
    const end = start + value.length;
    const row = scratch(end + checksumSize);
    row[0] = column.charCodeAt(0);
    row.set(key, 1);
    row.set(value, start);
    writeChecksum(row, start, end);
    this.#chained.put(row.subarray(0, start), row.subarray(start, end + checksumSize));
    this.size++;
  }

  delete(column: Column, key: Uint8Array): void {
    this.#chained.del(rowKey(column, key));
    this.size++;
  }

  /** Tells whoever holds rows of this batch in memory when they change on disk. */
  watch(watcher: BatchWatcher): void {
    this.#watchers.push(watcher);
  }

  /** For `Database` only. */
  async write(sync: boolean): Promise<void> {
    for (const watcher of this.#watchers) watcher.starts?.();
    await this.#chained.write({ sync });
    for (const watcher of this.#watchers) watcher.written();
  }
}

export interface BatchWatcher {
  /** From now on until `written`, reads may see the old rows or the new ones. */
  starts?(): void;
  /** All rows of the batch are in place. Not called when writing fails. */
  written(): void;
}

/** The key of a row, in memory that the next call overwrites: for a native call that copies it at once. */
export function rowKey(column: Column, key: Uint8Array): Buffer {
  const row = scratch(1 + key.length);
  row[0] = column.charCodeAt(0);
  row.set(key, 1);
  return row.subarray(0, 1 + key.length);
}

// Native code wants memory outside V8's heap; making it anew for each small key costs more than the write.
let shared = Buffer.alloc(1 << 16);

function scratch(size: number): Buffer {
  if (size <= shared.length) return shared;
  if (size > largestShared) return Buffer.allocUnsafe(size);
  shared = Buffer.alloc(size * 2);
  return shared;
}

const largestShared = 1 << 22;
