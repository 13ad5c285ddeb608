/**
 * NumPy's npy format, versions 1 to 3 (numpy/lib/format.py), read strictly: C order, exactly one header form,
 * exactly the bytes that the shape asks for.
 */
import { type DType, type Tensor, tensorBytes, tensorFromBytes } from "../tensor.ts";
import { type Column, fileColumn, memoryColumn, openFile } from "./column.ts";
import { bigEndian, countedBytes, type ElementFormat, shortIntegers } from "./element-format.ts";
import { DataError } from "./errors.ts";

/** What an npy header says. */
interface NpyHeader {
  readonly format: ElementFormat;
  readonly dims: readonly number[];
  /** Where the elements begin. */
  readonly offset: number;
}

const magic = Buffer.from("\x93NUMPY", "latin1");
const maxHeaderBytes = 65_536;
const dictionary =
  /^\{'descr': '([<>|=]?[a-zA-Z]\d*)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*),?\),? ?\} *\n$/;

/** Opens an npy file as a column: its first dimension is the rows. */
export function openNpy(path: string): Column {
  const file = openFile(path);
  try {
    const header = npyHeader(path, file.read(0, Math.min(file.size, maxHeaderBytes + 12)), file.size);
    const [rows, ...dims] = header.dims;
    if (rows === undefined)
      throw new DataError("BadHeader", path, "is a scalar: a data set needs a first dimension");
    return fileColumn(file, header.format, header.offset, rows, dims);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Reads an npy file that lies in memory. */
export function decodeNpy(name: string, bytes: Uint8Array): Tensor {
  const header = npyHeader(name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.length);
  const stored = Buffer.from(bytes.slice(header.offset));
  const value = tensorFromBytes(header.format.dtype, header.dims, header.format.decode?.(stored) ?? stored);
  if (value.dtype === "bool" && value.data.some((b) => b > 1))
    throw new DataError("BadValue", name, "a bool is neither 0 nor 1");
  return value;
}

/** A column over an npy file that lies in memory. */
export function npyColumn(name: string, bytes: Uint8Array): Column {
  return memoryColumn(decodeNpy(name, bytes), name);
}

const codes: Record<DType, string> = {
  float32: "<f4",
  float64: "<f8",
  int64: "<i8",
  int32: "<i4",
  int8: "|i1",
  uint8: "|u1",
  bool: "|b1",
};

/** A tensor as an npy file of version 1, as NumPy writes it. */
export function encodeNpy(value: Tensor): Uint8Array {
  const shape = value.dims.length === 1 ? `${value.dims[0]},` : value.dims.join(", ");
  const text = `{'descr': '${codes[value.dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const lengths = Buffer.alloc(4);
  lengths.writeUInt8(1, 0);
  lengths.writeUInt16LE(header.length, 2);
  return Buffer.concat([magic, lengths, Buffer.from(header, "latin1"), tensorBytes(value)]);
}

/** Checks the header at the start of `head` against a file of `size` bytes. */
function npyHeader(name: string, head: Buffer, size: number): NpyHeader {
  const bad = (problem: string) => new DataError("BadHeader", name, problem);
  if (head.length < 12 || !head.subarray(0, 6).equals(magic))
    throw bad("is no npy file: it does not start with \\x93NUMPY");
  const version = head[6] as number;
  if (version < 1 || version > 3 || head[7] !== 0) throw bad(`npy version ${version}.${head[7]} is unknown`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8);
  if (length > maxHeaderBytes)
    throw new DataError("TooLarge", name, `a header of ${length} bytes is over ${maxHeaderBytes}`);
  if (start + length > head.length) throw new DataError("WrongLength", name, "ends within its header");
  const found = dictionary.exec(head.toString("latin1", start, start + length));
  if (found === null)
    throw bad("the header is not the one that NumPy writes ('descr', 'fortran_order', 'shape')");
  const [, descr, fortran, shape] = found as unknown as [string, string, string, string];
  const dims = shape
    .split(",")
    .filter((d) => d.trim() !== "")
    .map(Number);
  if (fortran === "True" && dims.length > 1)
    throw new DataError("Unsupported", name, "is in Fortran order: save it with numpy.ascontiguousarray");
  const format = npyFormat(name, descr);
  const offset = start + length;
  const expected = offset + countedBytes(name, dims, format.bytes);
  if (expected !== size)
    throw new DataError(
      "WrongLength",
      name,
      `shape (${shape}) of ${descr} needs ${expected} bytes, the file has ${size}`,
    );
  return { format, dims, offset };
}

function npyFormat(name: string, descr: string): ElementFormat {
  const big = descr.startsWith(">");
  const type = descr.replace(/^[<>|=]/, "");
  const wide = (dtype: DType, bytes: 4 | 8): ElementFormat =>
    big ? bigEndian(dtype, bytes) : { dtype, bytes };
  switch (type) {
    case "f4":
      return wide("float32", 4);
    case "f8":
      return wide("float64", 8);
    case "i8":
      return wide("int64", 8);
    case "i4":
      return wide("int32", 4);
    case "i2":
      return shortIntegers(true, big);
    case "u2":
      return shortIntegers(false, big);
    case "i1":
      return { dtype: "int8", bytes: 1 };
    case "u1":
      return { dtype: "uint8", bytes: 1 };
    case "b1":
      return { dtype: "bool", bytes: 1 };
    default:
      throw new DataError(
        "Unsupported",
        name,
        `element type '${descr}' is not taken; these are: f4 f8 i8 i4 i2 u2 i1 u1 b1`,
      );
  }
}
