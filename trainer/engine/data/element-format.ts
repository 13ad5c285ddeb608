import { endianness } from "node:os";
import { type DType, elements } from "../tensor.ts";
import { DataError } from "./errors.ts";

if (endianness() !== "LE") throw new Error("the data formats need a little-endian machine");

/** How elements lie in a file: their bytes and how a run of them becomes the engine's little-endian ones. */
export interface ElementFormat {
  readonly dtype: DType;
  /** Bytes of one element in the file. */
  readonly bytes: number;
  /** Changes stored bytes into bytes of `dtype`; absent when they are the same. May change its argument. */
  readonly decode?: (stored: Buffer) => Uint8Array;
}

/** Bytes of a whole file's elements; only one sample must fit in a tensor, the file may be larger. */
export function countedBytes(name: string, dims: readonly number[], bytesPerElement: number): number {
  let total = bytesPerElement;
  for (const dim of dims) total *= dim;
  try {
    elements(dims.slice(1));
    if (!dims.every(Number.isSafeInteger) || !Number.isSafeInteger(total)) throw new RangeError("overflow");
  } catch {
    throw new DataError("TooLarge", name, `shape (${dims.join(", ")}) is too large`);
  }
  return total;
}

const swapped = {
  2: (b: Buffer) => b.swap16(),
  4: (b: Buffer) => b.swap32(),
  8: (b: Buffer) => b.swap64(),
} as const;

/** Bytes in big-endian order, turned. */
export function bigEndian(dtype: DType, bytes: 2 | 4 | 8): ElementFormat {
  return { dtype, bytes, decode: swapped[bytes] };
}

/** 16-bit integers, which the engine holds as int32. */
export function shortIntegers(signed: boolean, big: boolean): ElementFormat {
  const decode = (stored: Buffer): Uint8Array => {
    if (big) stored.swap16();
    const words = stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.byteLength);
    const wide = Int32Array.from(signed ? new Int16Array(words) : new Uint16Array(words));
    return new Uint8Array(wide.buffer);
  };
  return { dtype: "int32", bytes: 2, decode };
}
