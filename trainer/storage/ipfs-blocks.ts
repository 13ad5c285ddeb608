/** Blocks on the disk, of which the least recently used go when there are too many. */
import { readdir, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { FsBlockstore } from "blockstore-fs";
import { NextToLast } from "blockstore-fs/sharding";
import { LRUCache } from "lru-cache";
import type { CID } from "multiformats/cid";

type Options = Parameters<FsBlockstore["has"]>[1];
type Block = Parameters<FsBlockstore["put"]>[1];

const names = new NextToLast();

/** A folder of blocks that takes no more than so many bytes. */
export class BoundedBlocks {
  readonly #folder: string;
  readonly #blocks: FsBlockstore;
  /** By file, as blocks are named by their hashes alone. */
  readonly #sizes: LRUCache<string, number>;
  /** Files being removed. */
  readonly #going = new Set<Promise<void>>();

  private constructor(folder: string, maxBytes: number) {
    const blocks = new FsBlockstore(folder, { shardingStrategy: names });
    this.#folder = folder;
    this.#blocks = blocks;
    this.#sizes = new LRUCache<string, number>({
      maxSize: maxBytes,
      // An empty block has a file too.
      sizeCalculation: (size) => size + 1,
      dispose: (_, file, reason) => {
        if (reason !== "evict") return;
        // A block that stays on the disk is counted again when the folder is next opened.
        const going = rm(join(folder, file), { force: true }).catch(() => undefined);
        this.#going.add(going);
        void going.then(() => this.#going.delete(going));
      },
    });
  }

  /** What lies in the folder counts by the time it was written. */
  static async open(folder: string, maxBytes: number): Promise<BoundedBlocks> {
    const opened = new BoundedBlocks(folder, maxBytes);
    await opened.#blocks.open();
    const found: { readonly file: string; readonly size: number; readonly at: number }[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith(names.extension)) continue;
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = await stat(path);
      found.push({ file: relative(folder, path), size, at: mtimeMs });
    }
    for (const { file, size } of found.sort((a, b) => a.at - b.at)) opened.#sizes.set(file, size);
    return opened;
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#sizes.calculatedSize - this.#sizes.size;
  }

  async put(cid: CID, block: Block, options?: Options): Promise<CID> {
    // A block that comes again must not be taken away by its own removal.
    await Promise.all(this.#going);
    await this.#blocks.put(cid, block, options);
    const file = fileOf(cid);
    this.#sizes.set(file, (await stat(join(this.#folder, file))).size);
    return cid;
  }

  get(cid: CID, options?: Options): ReturnType<FsBlockstore["get"]> {
    this.#sizes.get(fileOf(cid));
    return this.#blocks.get(cid, options);
  }

  has(cid: CID, options?: Options): Promise<boolean> {
    return this.#blocks.has(cid, options) as Promise<boolean>;
  }

  async delete(cid: CID, options?: Options): Promise<void> {
    await this.#blocks.delete(cid, options);
    this.#sizes.delete(fileOf(cid));
  }

  /** Resolves when what has to go is gone. */
  async close(): Promise<void> {
    await Promise.all(this.#going);
    await this.#blocks.close();
  }
}

function fileOf(cid: CID): string {
  const { dir, file } = names.encode(cid);
  return join(dir, file);
}

/** Two folders as one: what this node stored itself, and what it fetched of others; new blocks go to the latter. */
export class TwoBlockstores {
  readonly #own: BoundedBlocks;
  readonly #fetched: BoundedBlocks;

  constructor(own: BoundedBlocks, fetched: BoundedBlocks) {
    this.#own = own;
    this.#fetched = fetched;
  }

  async has(cid: CID, options?: Options): Promise<boolean> {
    return (await this.#own.has(cid, options)) || this.#fetched.has(cid, options);
  }

  async put(cid: CID, block: Block, options?: Options): Promise<CID> {
    return (await this.#own.has(cid, options)) ? cid : this.#fetched.put(cid, block, options);
  }

  async *get(cid: CID, options?: Options): ReturnType<FsBlockstore["get"]> {
    const place = (await this.#own.has(cid, options)) ? this.#own : this.#fetched;
    yield* place.get(cid, options);
  }

  /** Of what was fetched alone: what is stored here goes by its bound. */
  delete(cid: CID, options?: Options): Promise<void> {
    return this.#fetched.delete(cid, options);
  }

  async *putMany(source: Parameters<FsBlockstore["putMany"]>[0], options?: Options): AsyncGenerator<CID> {
    for await (const { cid, bytes } of source) yield this.put(cid, bytes, options);
  }

  async *getMany(
    source: Parameters<FsBlockstore["getMany"]>[0],
    options?: Options,
  ): ReturnType<FsBlockstore["getMany"]> {
    for await (const cid of source) yield { cid, bytes: this.get(cid, options) };
  }

  async *deleteMany(
    source: Parameters<FsBlockstore["deleteMany"]>[0],
    options?: Options,
  ): AsyncGenerator<CID> {
    for await (const cid of source) {
      await this.delete(cid, options);
      yield cid;
    }
  }

  /** Part of the interface that nothing here asks for. */
  getAll(): ReturnType<FsBlockstore["getAll"]> {
    throw new Error(
      "blocks lie under their hashes, without the codec that a CID needs: they cannot be listed",
    );
  }
}
