import { Level } from "level";
import { Batch, rowKey } from "./batch.ts";
import { verified } from "./checksum.ts";
import { type Column, columns } from "./columns.ts";
import { corrupt, DatabaseError, toDatabaseError } from "./errors.ts";

export interface DatabaseOptions {
  /** Bytes of uncompressed blocks that LevelDB keeps; 32 MiB unless told. */
  readonly cacheBytes?: number;
  /** Refuse to create a database where there is none. */
  readonly mustExist?: boolean;
}

/** Which rows of a column: from `from` (included) to `to` (excluded), or all that start with `prefix`. */
export interface Range {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly prefix?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/**
 * The node's database: columns of rows in one LevelDB, written in atomic batches. A batch that was reported
 * as written survives the process at any moment; one that was not is absent in whole.
 */
export class Database {
  readonly path: string;
  readonly #level: Level<Buffer, Buffer>;

  private constructor(path: string, level: Level<Buffer, Buffer>) {
    this.path = path;
    this.#level = level;
  }

  /** Opens or creates the database; throws `DatabaseError` (`Locked`, `Schema`, `Corrupt`, `Io`). */
  static async open(path: string, options: DatabaseOptions = {}): Promise<Database> {
    const level = new Level<Buffer, Buffer>(path, {
      keyEncoding: "buffer",
      valueEncoding: "buffer",
      createIfMissing: options.mustExist !== true,
      cacheSize: options.cacheBytes ?? 32 * 2 ** 20,
      writeBufferSize: 16 * 2 ** 20,
    });
    try {
      await level.open();
    } catch (error) {
      if (options.mustExist === true && /does not exist/.test(causeText(error))) {
        throw new DatabaseError(
          "Io",
          `there is no database at ${path}: check --base-path and --chain.`,
          error,
        );
      }
      throw toDatabaseError(error, path);
    }
    const database = new Database(path, level);
    try {
      await database.#checkSchema();
    } catch (error) {
      await level.close();
      throw error;
    }
    return database;
  }

  /** The value of a row, in memory of its own. Throws `Corrupt` when it is not what was written. */
  get(column: Column, key: Uint8Array): Uint8Array | undefined {
    let stored: Buffer | undefined;
    try {
      stored = this.#level.getSync(rowKey(column, key));
    } catch (error) {
      throw toDatabaseError(error, this.path);
    }
    return stored === undefined ? undefined : this.#verify(column, key, stored);
  }

  /** Rows in key order, in pages; rows written meanwhile are not seen. */
  async *entries(column: Column, range: Range = {}): AsyncGenerator<[key: Uint8Array, value: Uint8Array]> {
    const iterator = this.#level.iterator(bounds(column, range));
    try {
      for (;;) {
        const page = await iterator.nextv(256);
        if (page.length === 0) return;
        for (const [row, stored] of page) {
          const key = new Uint8Array(row.buffer, row.byteOffset + 1, row.length - 1);
          yield [key, this.#verify(column, key, stored)];
        }
      }
    } catch (error) {
      throw toDatabaseError(error, this.path);
    } finally {
      await iterator.close();
    }
  }

  /** Keys alone, in order. */
  async *keys(column: Column, range: Range = {}): AsyncGenerator<Uint8Array> {
    const iterator = this.#level.keys(bounds(column, range));
    try {
      for (;;) {
        const page = await iterator.nextv(1024);
        if (page.length === 0) return;
        for (const row of page) yield new Uint8Array(row.buffer, row.byteOffset + 1, row.length - 1);
      }
    } catch (error) {
      throw toDatabaseError(error, this.path);
    } finally {
      await iterator.close();
    }
  }

  batch(): Batch {
    return new Batch(this.#level.batch());
  }

  /**
   * Writes a batch in whole. It survives the end of the process; with `sync` it survives the loss of power
   * too, which costs a flush of the disk. Throws `DatabaseError` (`DiskFull`, `Io`).
   */
  async write(batch: Batch, options: { readonly sync?: boolean } = {}): Promise<void> {
    try {
      await batch.write(options.sync ?? false);
    } catch (error) {
      throw toDatabaseError(error, this.path);
    }
  }

  /** Whether the database is that of a chain already. */
  get hasGenesis(): boolean {
    return this.get(columns.meta, genesisKey) !== undefined;
  }

  /** Makes the database that of one chain, or throws `Foreign` when it is another's. */
  async bindGenesis(genesisHash: Uint8Array): Promise<void> {
    const stored = this.get(columns.meta, genesisKey);
    if (stored === undefined) {
      const batch = this.batch();
      batch.put(columns.meta, genesisKey, genesisHash);
      await this.write(batch);
    } else if (hex(stored) !== hex(genesisHash)) {
      throw new DatabaseError(
        "Foreign",
        `the database at ${this.path} belongs to the chain with genesis 0x${hex(stored)}, not ` +
          `0x${hex(genesisHash)}: choose another --chain or --base-path, or remove it with \`matrixai purge-chain\`.`,
      );
    }
  }

  /** Rewrites the files without what was deleted or overwritten; all of it, or one column. */
  async compact(column?: Column): Promise<void> {
    const from = column ?? "\0";
    const to = column ? String.fromCharCode(column.charCodeAt(0) + 1) : "\xff";
    try {
      // Level is classic-level here, whose own method the common type leaves out.
      await (this.#level as LevelOnDisk).compactRange(Buffer.from(from, "latin1"), Buffer.from(to, "latin1"));
    } catch (error) {
      throw toDatabaseError(error, this.path);
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  async #checkSchema(): Promise<void> {
    const stored = this.get(columns.meta, schemaKey);
    if (stored === undefined) {
      for await (const _ of this.#level.keys({ limit: 1 })) {
        throw new DatabaseError("Foreign", `${this.path} holds a database that is not a node's.`);
      }
      const batch = this.batch();
      batch.put(columns.meta, schemaKey, Uint8Array.of(schemaVersion));
      await this.write(batch);
    } else if (stored[0] !== schemaVersion) {
      throw new DatabaseError(
        "Schema",
        `the database at ${this.path} has layout ${stored[0]}, this program uses ${schemaVersion}: run ` +
          "`matrixai purge-chain` and synchronise again, or use the program that wrote it.",
      );
    }
  }

  #verify(column: Column, key: Uint8Array, stored: Buffer): Uint8Array {
    const value = verified(stored);
    if (value === undefined) {
      const name = Object.entries(columns).find(([, letter]) => letter === column)?.[0] ?? column;
      throw corrupt(`record 0x${hex(key)} of table "${name}" in ${this.path} does not match its checksum`);
    }
    return value;
  }
}

type LevelOnDisk = Level<Buffer, Buffer> & { compactRange(start: Buffer, end: Buffer): Promise<void> };

// Raised whenever rows change their meaning.
const schemaVersion = 1;
const schemaKey = Buffer.from("schema");
const genesisKey = Buffer.from("genesis");

function bounds(column: Column, { from, to, prefix, reverse, limit }: Range) {
  const lower = prefix ?? from ?? new Uint8Array(0);
  const upper = prefix ? successor(prefix) : to;
  return {
    gte: Buffer.concat([Buffer.from(column, "latin1"), lower]),
    lt: upper
      ? Buffer.concat([Buffer.from(column, "latin1"), upper])
      : Buffer.from([column.charCodeAt(0) + 1]),
    reverse: reverse ?? false,
    limit: limit ?? -1,
  };
}

/** The smallest key above all that start with `prefix`; undefined when there is none. */
function successor(prefix: Uint8Array): Uint8Array | undefined {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const next = prefix.slice(0, end);
  next[end - 1]!++;
  return next;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const causeText = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
