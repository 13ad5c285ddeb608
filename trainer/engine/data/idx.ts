/**
 * The IDX format of the MNIST files: two zero bytes, element type, number of dimensions, each dimension as a
 * big-endian u32, then the elements, big-endian. A gzipped file is unpacked beside the system's temporary files,
 * since only a plain one can be read at any place.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Tensor, tensorBytes } from "../tensor.ts";
import { type Column, fileColumn, type OpenFile, openFile, reason } from "./column.ts";
import { bigEndian, countedBytes, type ElementFormat, shortIntegers } from "./element-format.ts";
import { DataError } from "./errors.ts";

const formats: Readonly<Record<number, ElementFormat>> = {
  8: { dtype: "uint8", bytes: 1 },
  9: { dtype: "int8", bytes: 1 },
  11: shortIntegers(true, true),
  12: bigEndian("int32", 4),
  13: bigEndian("float32", 4),
  14: bigEndian("float64", 8),
};

/** No gzipped file may unpack to more than this. */
const maxUnpackedBytes = 16 * 2 ** 30;

/** Opens an IDX file, gzipped or not, as a column: its first dimension is the rows. */
export async function openIdx(path: string): Promise<Column> {
  const file = openFile(path);
  if (file.size < 2 || file.read(0, 2).readUInt16BE(0) !== 0x1f8b) return idxColumn(path, file);
  file.close();
  const folder = mkdtempSync(join(tmpdir(), "matrixai-idx-"));
  try {
    const plain = join(folder, "plain");
    await pipeline(createReadStream(path), createGunzip(), bounded(path), createWriteStream(plain));
    return idxColumn(path, openFile(plain));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError("BadHeader", path, `cannot be unpacked: ${reason(error)}`);
  } finally {
    rmSync(folder, { recursive: true }); // the open descriptor keeps the bytes until it is closed
  }
}

function bounded(path: string): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      if (total > maxUnpackedBytes)
        done(new DataError("TooLarge", path, `unpacks to over ${maxUnpackedBytes} bytes`));
      else done(null, chunk);
    },
  });
}

function idxColumn(path: string, file: OpenFile): Column {
  try {
    if (file.size < 8) throw new DataError("BadHeader", path, "is too short for an IDX file");
    const head = file.read(0, Math.min(file.size, 4 + 4 * 255));
    const [zero, type, rank] = [head.readUInt16BE(0), head[2] as number, head[3] as number];
    if (zero !== 0)
      throw new DataError("BadHeader", path, "is no IDX file: it does not start with two zero bytes");
    const format = formats[type];
    if (format === undefined)
      throw new DataError("Unsupported", path, `element type 0x${type.toString(16)} is none of 8 9 b c d e`);
    const offset = 4 + 4 * rank;
    if (rank === 0 || head.length < offset)
      throw new DataError("BadHeader", path, `${rank} dimensions do not fit its header`);
    const dims = Array.from({ length: rank }, (_, i) => head.readUInt32BE(4 + 4 * i));
    const expected = offset + countedBytes(path, dims, format.bytes);
    if (expected !== file.size)
      throw new DataError(
        "WrongLength",
        path,
        `shape (${dims.join(", ")}) needs ${expected} bytes, the file has ${file.size}`,
      );
    return fileColumn(file, format, offset, dims[0] as number, dims.slice(1));
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A uint8 tensor as an IDX file. */
export function encodeIdx(value: Tensor<"uint8">): Uint8Array {
  const header = Buffer.alloc(4 + 4 * value.dims.length);
  header.set([0, 0, 8, value.dims.length]);
  value.dims.forEach((dim, i) => {
    header.writeUInt32BE(dim, 4 + 4 * i);
  });
  return Buffer.concat([header, tensorBytes(value)]);
}
