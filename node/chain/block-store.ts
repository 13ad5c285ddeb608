import { LRUCache } from "lru-cache";
import { decodeHeader, encodeHeader, type Header } from "../../runtime/primitives/header.ts";
import type { Batch } from "../db/batch.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { decodeBody, decodeJustifications, encodeBody, encodeJustifications } from "./block-codec.ts";
import { bytesToHash, type Hash, hashToBytes } from "./hash.ts";
import type { Block, Justification } from "./types.ts";

const cachedHeaders = 1024;
const cachedBodyBytes = 16 * 2 ** 20;

/** Where a block stands: the version of the state after it, and the weight of its branch. */
interface Standing {
  readonly stateVersion: number;
  readonly weight: number;
}

/** Heights, both included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Blocks, their order and the names of the heads, in the database. Reads are synchronous; writes go into batches. */
export class BlockStore {
  readonly #database: Database;
  readonly #headers = new LRUCache<Hash, Header>({ max: cachedHeaders });
  readonly #stateVersions = new LRUCache<Hash, number>({ max: cachedHeaders });
  readonly #bodies = new LRUCache<Hash, readonly Uint8Array[]>({
    maxSize: cachedBodyBytes,
    sizeCalculation: (body) => body.reduce((size, extrinsic) => size + extrinsic.length, 1),
  });

  constructor(database: Database) {
    this.#database = database;
  }

  header(hash: Hash): Header | undefined {
    const cached = this.#headers.get(hash);
    if (cached) return cached;
    const row = this.#database.get(columns.header, hashToBytes(hash));
    if (!row) return undefined;
    const header = decodeHeader(row);
    this.#headers.set(hash, header);
    return header;
  }

  body(hash: Hash): readonly Uint8Array[] | undefined {
    const cached = this.#bodies.get(hash);
    if (cached) return cached;
    const row = this.#database.get(columns.body, hashToBytes(hash));
    if (!row) return undefined;
    const body = decodeBody(row);
    this.#bodies.set(hash, body);
    return body;
  }

  justifications(hash: Hash): readonly Justification[] {
    const row = this.#database.get(columns.justification, hashToBytes(hash));
    return row ? decodeJustifications(row) : [];
  }

  /** The block of the best chain at a height. */
  hashAt(number: number): Hash | undefined {
    const row = isHeight(number) ? this.#database.get(columns.canonicalHash, numberKey(number)) : undefined;
    return row && bytesToHash(row);
  }

  /** All kept blocks at a height, in the order of their import. */
  hashesAt(number: number): readonly Hash[] {
    const row = isHeight(number) ? this.#database.get(columns.hashesAt, numberKey(number)) : undefined;
    const hashes: Hash[] = [];
    for (let at = 0; row && at < row.length; at += 32) hashes.push(bytesToHash(row.subarray(at, at + 32)));
    return hashes;
  }

  /** The version of the state after a block; kept when the state itself is pruned. */
  stateVersion(hash: Hash): number | undefined {
    const cached = this.#stateVersions.get(hash);
    if (cached !== undefined) return cached;
    const row = this.#database.get(columns.stateOf, hashToBytes(hash));
    if (!row) return undefined;
    const version = readWhole(row);
    this.#stateVersions.set(hash, version);
    return version;
  }

  /** The named block; undefined in a new database. */
  head(name: "best" | "finalized"): Hash | undefined {
    const row = this.#database.get(columns.meta, headKeys[name]);
    return row && bytesToHash(row);
  }

  /** What a block and its ancestors weigh together; kept as long as its header. */
  branchWeight(hash: Hash): number | undefined {
    const row = this.#database.get(columns.branchWeight, hashToBytes(hash));
    return row && readWhole(row);
  }

  put(batch: Batch, hash: Hash, { header, extrinsics }: Block, { stateVersion, weight }: Standing): void {
    const key = hashToBytes(hash);
    batch.put(columns.header, key, encodeHeader(header));
    batch.put(columns.body, key, encodeBody(extrinsics));
    batch.put(columns.stateOf, key, writeWhole(stateVersion));
    batch.put(columns.branchWeight, key, writeWhole(weight));
    this.#putHashesAt(batch, header.number, [...this.hashesAt(header.number), hash]);
  }

  /** Removes the blocks at a height that `isGone` names. */
  removeAt(batch: Batch, number: number, isGone: (hash: Hash) => boolean): void {
    const all = this.hashesAt(number);
    const hashes = all.filter(isGone);
    if (hashes.length === 0) return;
    for (const hash of hashes) {
      const key = hashToBytes(hash);
      for (const column of ofBlock) batch.delete(column, key);
    }
    this.#putHashesAt(
      batch,
      number,
      all.filter((hash) => !hashes.includes(hash)),
    );
    batch.watch({
      written: () => {
        for (const hash of hashes) {
          this.#headers.delete(hash);
          this.#stateVersions.delete(hash);
          this.#bodies.delete(hash);
        }
      },
    });
  }

  putHead(batch: Batch, name: "best" | "finalized", hash: Hash): void {
    batch.put(columns.meta, headKeys[name], hashToBytes(hash));
  }

  /** Names the best chain's block at a height; none without `hash`. */
  putCanonical(batch: Batch, number: number, hash: Hash | undefined): void {
    if (hash) batch.put(columns.canonicalHash, numberKey(number), hashToBytes(hash));
    else batch.delete(columns.canonicalHash, numberKey(number));
  }

  putJustifications(batch: Batch, hash: Hash, justifications: readonly Justification[]): void {
    batch.put(columns.justification, hashToBytes(hash), encodeJustifications(justifications));
  }

  /** Heights between genesis and the oldest block that was executed here, whose blocks are not there yet. */
  gap(): Gap | undefined {
    const row = this.#database.get(columns.meta, gapKey);
    if (!row) return undefined;
    const view = new DataView(row.buffer, row.byteOffset, 8);
    return { from: view.getUint32(0), to: view.getUint32(4) };
  }

  putGap(batch: Batch, gap: Gap | undefined): void {
    if (!gap) {
      batch.delete(columns.meta, gapKey);
      return;
    }
    const row = new DataView(new ArrayBuffer(8));
    row.setUint32(0, gap.from);
    row.setUint32(4, gap.to);
    batch.put(columns.meta, gapKey, new Uint8Array(row.buffer));
  }

  #putHashesAt(batch: Batch, number: number, hashes: readonly Hash[]): void {
    const key = numberKey(number);
    if (hashes.length === 0) batch.delete(columns.hashesAt, key);
    else batch.put(columns.hashesAt, key, Buffer.concat(hashes.map(hashToBytes)));
  }
}

const ofBlock = [
  columns.header,
  columns.body,
  columns.stateOf,
  columns.branchWeight,
  columns.justification,
] as const;

const gapKey = Buffer.from("gap");
const headKeys = { best: Buffer.from("best"), finalized: Buffer.from("finalized") };

const isHeight = (number: number): boolean => Number.isInteger(number) && number >= 0 && number < 2 ** 32;

/** Big-endian, so that rows lie in the order of heights. */
function numberKey(number: number): Uint8Array {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
}

function writeWhole(number: number): Uint8Array {
  const row = Buffer.alloc(6);
  row.writeUIntBE(number, 0, 6);
  return row;
}

const readWhole = (row: Uint8Array): number =>
  Buffer.from(row.buffer, row.byteOffset, row.length).readUIntBE(0, 6);
