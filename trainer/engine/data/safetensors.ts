/**
 * The safetensors format: u64 header length, a JSON header, then the tensors' bytes without gaps.
 * Read strictly, since what is hashed must have one reading: no key twice, no hole, no overlap, no rest.
 */
import { z } from "zod";
import {
  type DType,
  elementBytes,
  elements,
  type Tensor,
  type Tensors,
  tensorBytes,
  tensorFromBytes,
} from "../tensor.ts";
import { type Column, fileColumn, openFile } from "./column.ts";
import { countedBytes } from "./element-format.ts";
import { DataError } from "./errors.ts";

const maxHeaderBytes = 16 * 2 ** 20;
const dtypes = {
  F32: "float32",
  F64: "float64",
  I64: "int64",
  I32: "int32",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
} as const;
const codes = Object.fromEntries(Object.entries(dtypes).map(([code, dtype]) => [dtype, code])) as Record<
  DType,
  string
>;

const natural = z.number().int().nonnegative().safe();
const entry = z.strictObject({
  dtype: z.enum(Object.keys(dtypes) as [keyof typeof dtypes]),
  shape: z.array(natural).max(64),
  data_offsets: z.tuple([natural, natural]),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

/** Where one tensor lies. */
interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly offset: number;
}

interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads a whole file that lies in memory; the tensors are copies. */
export function decodeSafetensors(
  name: string,
  bytes: Uint8Array,
): { tensors: Tensors; metadata: Readonly<Record<string, string>> } {
  const { entries, metadata } = safetensorsHeader(name, bytes.length, (at, length) =>
    bytes.subarray(at, at + length),
  );
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const { name: key, dtype, dims, offset } of entries) {
    const value = tensorFromBytes(
      dtype,
      dims,
      bytes.subarray(offset, offset + elements(dims) * elementBytes(dtype)),
    );
    if (value.dtype === "bool" && value.data.some((b) => b > 1))
      throw new DataError("BadValue", name, `${key}: a bool is neither 0 nor 1`);
    tensors[key] = value;
  }
  return { tensors, metadata };
}

/** Opens one tensor of a file as a column: its first dimension is the rows. */
export function openSafetensors(path: string, key: string): Column {
  const file = openFile(path);
  try {
    const { entries } = safetensorsHeader(path, file.size, file.read);
    const found = entries.find((e) => e.name === key);
    if (found === undefined)
      throw new DataError(
        "Missing",
        path,
        `has no tensor "${key}"; it has ${entries.map((e) => `"${e.name}"`).join(", ")}`,
      );
    const [rows, ...dims] = found.dims;
    if (rows === undefined)
      throw new DataError("BadHeader", path, `"${key}" is a scalar: a data set needs a first dimension`);
    return fileColumn(
      file,
      { dtype: found.dtype, bytes: elementBytes(found.dtype) },
      found.offset,
      rows,
      dims,
    );
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Tensors as a safetensors file. Equal tensors give equal bytes: the order is that of the reference writer (wide
 * elements first, then by name), the header is padded with spaces to 8 bytes, metadata comes first, by key.
 */
export function encodeSafetensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  if (Object.hasOwn(tensors, "__metadata__")) throw new RangeError('"__metadata__" is no name for a tensor');
  const sorted = Object.entries(tensors).sort(
    ([a, x], [b, y]) =>
      elementBytes(y.dtype) - elementBytes(x.dtype) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  let end = 0;
  const described = sorted.map(([name, value]): [string, unknown] => {
    const begin = end;
    end += value.data.byteLength;
    return [name, { dtype: codes[value.dtype], shape: value.dims, data_offsets: [begin, end] }];
  });
  const notes = Object.entries(metadata).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  // Written by hand: in an object, keys like "10" would come before all others.
  const members = (list: [string, unknown][]) =>
    `{${list.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
  const head =
    notes.length === 0 ? "" : `"__metadata__":${members(notes)}${described.length === 0 ? "" : ","}`;
  const json = Buffer.from(`{${head}${members(described).slice(1)}`, "utf8");
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  header.writeBigUInt64LE(BigInt(header.length - 8), 0);
  json.copy(header, 8);
  const out = new Uint8Array(header.length + end);
  out.set(header);
  let at = header.length;
  for (const [, value] of sorted) {
    out.set(tensorBytes(value), at);
    at += value.data.byteLength;
  }
  return out;
}

/** Reads and checks the header of a file of `size` bytes. */
function safetensorsHeader(
  name: string,
  size: number,
  read: (at: number, length: number) => Uint8Array,
): SafetensorsHeader {
  const bad = (problem: string) => new DataError("BadHeader", name, problem);
  if (size < 10) throw bad("is too short for a safetensors file");
  const declared = Buffer.from(read(0, 8)).readBigUInt64LE(0);
  if (declared > BigInt(maxHeaderBytes))
    throw new DataError("TooLarge", name, `a header of ${declared} bytes is over ${maxHeaderBytes}`);
  const length = Number(declared);
  if (8 + length > size) throw new DataError("WrongLength", name, "ends within its header");
  const { members, metadata } = parseHeader(bad, read(8, length));
  const entries = members.map(([key, value]) => {
    const parsed = entry.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw bad(`"${key}" ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is malformed"}`);
    }
    const { dtype, shape, data_offsets } = parsed.data;
    const [begin, end] = data_offsets;
    const needed = countedBytes(name, shape, elementBytes(dtypes[dtype]));
    if (end - begin !== needed)
      throw new DataError(
        "WrongLength",
        name,
        `"${key}" [${shape}] of ${dtype} needs ${needed} bytes, has ${end - begin}`,
      );
    return {
      name: key,
      dtype: dtypes[dtype],
      dims: shape,
      offset: 8 + length + begin,
      end: 8 + length + end,
    };
  });
  entries.sort((a, b) => a.offset - b.offset || a.end - b.end);
  let at = 8 + length;
  for (const e of entries) {
    if (e.offset !== at)
      throw bad(`"${e.name}" begins at byte ${e.offset}, expected ${at}: no gaps, no overlaps`);
    at = e.end;
  }
  if (at !== size)
    throw new DataError("WrongLength", name, `its tensors end at byte ${at}, the file has ${size}`);
  return { entries, metadata };
}

function parseHeader(bad: (problem: string) => DataError, bytes: Uint8Array) {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (error) {
    throw bad(`the header is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const header = headerSchema.safeParse(json);
  if (!header.success || !text.startsWith("{")) throw bad("the header is no JSON object");
  if (Object.hasOwn(json as object, "__proto__")) throw bad('"__proto__" is no name for a tensor');
  // JSON.parse keeps the last of two equal keys, other readers the first: then one file holds two models.
  if (countKeys(json) !== writtenKeys(text)) throw bad("the header has a key twice");
  const { __metadata__, ...rest } = header.data;
  const metadata = metadataSchema.safeParse(__metadata__ ?? {});
  if (!metadata.success) throw bad("__metadata__ must map strings to strings");
  return { members: Object.entries(rest), metadata: metadata.data };
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce<number>((sum, v) => sum + countKeys(v), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** Strings followed by a colon, in text that is known to be JSON. */
function writtenKeys(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter((m) => m[1] !== undefined).length;
}
