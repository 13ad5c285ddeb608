import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type DType, elementBytes, elements, type Tensor, tensorFromBytes } from "../tensor.ts";
import type { ElementFormat } from "./element-format.ts";
import { DataError } from "./errors.ts";

/**
 * One tensor of a data set, its first dimension taken apart: `rows` samples of `dims` elements each.
 * Rows are read on demand, so a column may be far larger than memory.
 */
export interface Column {
  readonly dtype: DType;
  /** Shape of one sample. */
  readonly dims: readonly number[];
  readonly rows: number;
  /** The samples at these row numbers, [rows.length, ...dims]. Throws a DataError on unreadable or bad values. */
  read(rows: ArrayLike<number>): Promise<Tensor>;
  close(): void;
}

/** A file that is open for reading at any place. */
export interface OpenFile {
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes from `position`. Throws a DataError when the file has become shorter. */
  read(position: number, length: number): Buffer;
  close(): void;
}

/** Opens a regular file. Throws a DataError that says why it cannot. */
export function openFile(path: string): OpenFile {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    throw new DataError("Unreadable", path, reason(error));
  }
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw new DataError("Unreadable", path, "is not a file");
  }
  return {
    name: path,
    size: stat.size,
    read(position, length) {
      const out = Buffer.alloc(length);
      readInto(fd, path, out, 0, length, position);
      return out;
    },
    close: () => closeSync(fd),
  };
}

/** What the operating system says, without its call and path. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "is a folder, not a file";
  return error instanceof Error ? error.message : String(error);
}

function readInto(fd: number, path: string, out: Buffer, at: number, length: number, position: number): void {
  for (let done = 0; done < length; ) {
    const count = readSync(fd, out, at + done, length - done, position + done);
    if (count === 0) throw new DataError("WrongLength", path, `ends before byte ${position + length}`);
    done += count;
  }
}

/** A column of fixed-size rows that lie one after another from `offset`. Neighbouring rows are read at once. */
export function fileColumn(
  file: OpenFile,
  format: ElementFormat,
  offset: number,
  rows: number,
  dims: readonly number[],
): Column {
  const rowElements = elements(dims);
  const rowBytes = rowElements * format.bytes;
  return {
    dtype: format.dtype,
    dims,
    rows,
    async read(indices) {
      const stored = Buffer.alloc(indices.length * rowBytes);
      for (const { at, first, count } of runsOf(file.name, indices, rows))
        file.read(offset + first * rowBytes, count * rowBytes).copy(stored, at * rowBytes);
      const bytes = format.decode === undefined ? stored : format.decode(stored);
      const value = tensorFromBytes(format.dtype, [indices.length, ...dims], bytes);
      if (value.dtype === "bool" && value.data.some((b) => b > 1))
        throw new DataError("BadValue", file.name, "a bool is neither 0 nor 1");
      return value;
    },
    close: () => file.close(),
  };
}

/** Neighbouring rows of a list, taken together: `count` rows from `first` on stand at place `at` of the list. */
export function* runsOf(
  name: string,
  indices: ArrayLike<number>,
  rows: number,
  most = Number.POSITIVE_INFINITY,
): Generator<{ readonly at: number; readonly first: number; readonly count: number }> {
  for (let at = 0, count = 1; at < indices.length; at += count) {
    const first = checkedRow(name, indices[at] as number, rows);
    for (count = 1; count < most && at + count < indices.length; count++)
      if (checkedRow(name, indices[at + count] as number, rows) !== first + count) break;
    yield { at, first, count };
  }
}

/** A column over a tensor in memory; its first dimension is the rows. */
export function memoryColumn(value: Tensor, name = "tensor"): Column {
  const [rows, ...dims] = value.dims;
  if (rows === undefined)
    throw new DataError("BadHeader", name, "is a scalar: a data set needs a first dimension");
  const size = elements(dims);
  return {
    dtype: value.dtype,
    dims,
    rows,
    async read(indices) {
      const bytes = size * elementBytes(value.dtype);
      const source = new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
      const out = new Uint8Array(indices.length * bytes);
      for (let i = 0; i < indices.length; i++) {
        const at = checkedRow(name, indices[i] as number, rows) * bytes;
        out.set(source.subarray(at, at + bytes), i * bytes);
      }
      return tensorFromBytes(value.dtype, [indices.length, ...dims], out);
    },
    close() {},
  };
}

/** `row`, when it is one of `rows`. */
export function checkedRow(name: string, row: number, rows: number): number {
  if (!Number.isInteger(row) || row < 0 || row >= rows)
    throw new DataError("Missing", name, `has no row ${row}: it has ${rows}`);
  return row;
}
