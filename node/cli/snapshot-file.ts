/**
 * A state in a file: gzip over a first line, the genesis hash, the block whose state it is (SCALE, as in a
 * file of blocks), then each key and value behind their lengths, and an end mark with the number of entries,
 * so that a file that ends early is not taken for a whole one.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Reader } from "../../runtime/primitives/reader.ts";
import type { Entry } from "../state/restore.ts";
import { readSignedBlock, type SignedBlock, toBinary } from "./block-file.ts";
import { UsageError } from "./usage-error.ts";

export interface Snapshot {
  readonly genesisHash: Uint8Array;
  readonly block: SignedBlock;
}

/** Writes a snapshot; `onEntry` hears how many entries there are so far. Throws a `UsageError`. */
export async function writeSnapshot(
  path: string,
  { genesisHash, block }: Snapshot,
  entries: Iterable<Entry>,
  onEntry: (count: number) => void,
): Promise<void> {
  function* pieces(): Generator<Uint8Array> {
    const bytes = toBinary(block);
    yield Buffer.concat([firstLine, genesisHash, u32(bytes.length), bytes]);
    let count = 0;
    for (const [key, value] of entries) {
      yield Buffer.concat([u32(key.length), u32(value.length), key, value]);
      onEntry(++count);
    }
    yield Buffer.concat([u32(endMark), u32(count)]);
  }
  try {
    await pipeline(
      Readable.from(pieces()),
      createGzip({ level: 6 }),
      createWriteStream(path, { flags: "wx" }),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new UsageError(`${path} is there already: name another file, or remove it`);
    if (code === undefined) throw error;
    throw new UsageError(`${path} cannot be written: ${message}`);
  }
}

/** Reads a snapshot; its entries come one by one, and memory is bounded by the largest. Throws a `UsageError`. */
export async function readSnapshot(
  path: string,
): Promise<Snapshot & { readonly entries: AsyncIterable<Entry> }> {
  const bytes = new Bytes(path);
  const start = await bytes.take(firstLine.length + 32 + 4);
  if (!start.subarray(0, firstLine.length).equals(firstLine)) {
    throw new UsageError(`${path} is not a snapshot`);
  }
  const length = start.readUInt32LE(firstLine.length + 32);
  if (length > maxBlockBytes) throw damaged(path, `its block has ${length} bytes`);
  const block = await bytes.take(length);
  try {
    return {
      genesisHash: new Uint8Array(start.subarray(firstLine.length, firstLine.length + 32)),
      block: readSignedBlock(new Reader(new Uint8Array(block))),
      entries: readEntries(path, bytes),
    };
  } catch (error) {
    throw damaged(path, (error as Error).message);
  }
}

async function* readEntries(path: string, bytes: Bytes): AsyncGenerator<Entry> {
  for (let count = 0; ; count++) {
    const head = await bytes.take(8);
    const [keyLength, valueLength] = [head.readUInt32LE(0), head.readUInt32LE(4)];
    if (keyLength === endMark) {
      if (valueLength !== count) throw damaged(path, `it has ${count} of ${valueLength} entries`);
      return;
    }
    if (keyLength > maxKeyBytes || valueLength > maxValueBytes) {
      throw damaged(path, `entry ${count} has a key of ${keyLength} and a value of ${valueLength} bytes`);
    }
    const key = new Uint8Array(await bytes.take(keyLength));
    yield [key, new Uint8Array(await bytes.take(valueLength))];
  }
}

/** The bytes of a compressed file, taken piece by piece. */
class Bytes {
  readonly #path: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #left: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
    const file = createReadStream(path);
    const plain = createGunzip();
    file.on("error", (error) => plain.destroy(error));
    this.#chunks = file.pipe(plain)[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    if (this.#left.length < count) {
      const chunks = [this.#left];
      for (let have = this.#left.length; have < count; ) {
        const next = await this.#next();
        chunks.push(next);
        have += next.length;
      }
      this.#left = Buffer.concat(chunks);
    }
    const taken = this.#left.subarray(0, count);
    this.#left = this.#left.subarray(count);
    return taken;
  }

  async #next(): Promise<Buffer> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.#chunks.next();
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      if (code.startsWith("Z_")) throw damaged(this.#path, message);
      throw new UsageError(`${this.#path} cannot be read: ${message}`);
    }
    if (next.done) throw damaged(this.#path, "it ends early");
    return next.value;
  }
}

const firstLine = Buffer.from("matrixai snapshot 1\n");
const endMark = 0xffff_ffff;
const maxBlockBytes = 32 * 2 ** 20;
const maxKeyBytes = 2 ** 16;
const maxValueBytes = 2 ** 26;

const damaged = (path: string, why: string): UsageError => new UsageError(`${path} is damaged: ${why}`);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
