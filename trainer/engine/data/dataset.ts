import { elementBytes, elements, type TensorSpec, type Tensors, tensorBytes } from "../tensor.ts";
import type { Column } from "./column.ts";
import { DataError } from "./errors.ts";
import { type MerkleProof, merkleBuilder } from "./merkle.ts";

/** Samples, each made of one row of every column. Nothing is held in memory but what `read` returns. */
export interface Dataset {
  readonly rows: number;
  /** Name, element type and shape of one sample, in a fixed order. */
  readonly specs: readonly TensorSpec[];
  /** The samples at these row numbers, as tensors [rows.length, ...dims] by name. */
  read(rows: ArrayLike<number>): Promise<Tensors>;
  close(): void;
}

/** Joins columns of the same number of rows under names. Throws a DataError when their lengths differ. */
export function dataset(columns: Readonly<Record<string, Column>>): Dataset {
  const list = Object.entries(columns);
  const rows = list[0]?.[1].rows ?? 0;
  for (const [name, column] of list) {
    if (column.rows !== rows)
      throw new DataError("Mismatch", name, `has ${column.rows} rows, ${list[0]?.[0]} has ${rows}`);
  }
  if (rows === 0)
    throw new DataError("Missing", list.map(([name]) => name).join(", ") || "data", "has no rows");
  return {
    rows,
    specs: list.map(([name, { dtype, dims }]) => ({ name, dtype, dims })),
    async read(indices) {
      const read = await Promise.all(
        list.map(async ([name, column]) => [name, await column.read(indices)] as const),
      );
      return Object.fromEntries(read);
    },
    close() {
      for (const [, column] of list) column.close();
    },
  };
}

/** The rows [start, end) of a data set, numbered from 0. */
export function shard(whole: Dataset, start: number, end: number): Dataset {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= end || end > whole.rows)
    throw new DataError("Missing", "shard", `rows ${start} to ${end} of ${whole.rows} are no range`);
  return {
    ...whole,
    rows: end - start,
    read: (rows) =>
      whole.read(
        Array.from(rows, (row) => {
          if (row < 0 || row >= end - start) throw new DataError("Missing", "shard", `has no row ${row}`);
          return row + start;
        }),
      ),
  };
}

/** The whole range cut into `count` shards whose sizes differ by at most one. */
export function shards(whole: Dataset, count: number): Dataset[] {
  return Array.from({ length: count }, (_, i) =>
    shard(whole, Math.floor((i * whole.rows) / count), Math.floor(((i + 1) * whole.rows) / count)),
  );
}

/**
 * The bytes of samples that are hashed: the canonical JSON of [[name, dtype, dims], ...], a line feed, then every
 * tensor's little-endian bytes in that order. A leaf so tells its own types.
 */
export function sampleLeaves(specs: readonly TensorSpec[], tensors: Tensors, count: number): Uint8Array[] {
  const head = Buffer.from(`${JSON.stringify(specs.map((s) => [s.name, s.dtype, s.dims]))}\n`, "utf8");
  const parts = specs.map((spec) => ({
    size: elements(spec.dims) * elementBytes(spec.dtype),
    bytes: tensorBytes(tensors[spec.name] as Tensors[string]),
  }));
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([head, ...parts.map(({ size, bytes }) => bytes.subarray(i * size, (i + 1) * size))]),
  );
}

/** A data set's Merkle root over {@link sampleLeaves}, and proofs of the samples at `indices`. Reads everything once. */
export async function dataRoot(
  data: Dataset,
  indices: readonly number[] = [],
  signal?: AbortSignal,
): Promise<{ root: Uint8Array; proofs: MerkleProof[] }> {
  const builder = merkleBuilder(indices);
  const rowBytes = data.specs.reduce((sum, s) => sum + elements(s.dims) * elementBytes(s.dtype), 1);
  const chunk = Math.max(1, Math.min(4096, Math.floor(2 ** 22 / rowBytes)));
  for (let start = 0; start < data.rows; start += chunk) {
    signal?.throwIfAborted();
    const rows = range(start, Math.min(data.rows, start + chunk));
    for (const leaf of sampleLeaves(data.specs, await data.read(rows), rows.length)) builder.add(leaf);
  }
  return { root: builder.root(), proofs: builder.proofs() };
}

/** start, start + 1, ..., end - 1. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
