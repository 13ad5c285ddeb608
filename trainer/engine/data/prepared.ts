import { type DType, elements, type Tensor, tensor } from "../tensor.ts";
import type { Column } from "./column.ts";
import { DataError } from "./errors.ts";

/** How stored samples become what a model takes in. */
export interface Preparation {
  /** Element type wanted; that of the column when absent. */
  readonly dtype?: DType | undefined;
  /** Shape of one sample wanted, with as many elements as stored. */
  readonly shape?: readonly number[] | undefined;
  /** Values become (value - subtract) / divide, rounded to float32 after each operation; float32 only. */
  readonly subtract?: number | undefined;
  readonly divide?: number | undefined;
}

/** The same rows, prepared when they are read. */
export function prepared(column: Column, name: string, wanted: Preparation): Column {
  const { subtract = 0, divide = 1 } = wanted;
  const scaled = subtract !== 0 || divide !== 1;
  const dtype = wanted.dtype ?? (scaled ? "float32" : column.dtype);
  const dims = wanted.shape ?? column.dims;
  if (elements(dims) !== elements(column.dims))
    throw new DataError(
      "Mismatch",
      name,
      `samples of shape [${column.dims}] cannot take the shape [${dims}]`,
    );
  if (scaled && dtype !== "float32")
    throw new DataError("Mismatch", name, `subtract and divide need float32, not ${dtype}`);
  return {
    dtype,
    dims,
    rows: column.rows,
    async read(rows) {
      const stored = await column.read(rows);
      const value = cast(stored, dtype, name);
      if (scaled) rescale(value.data as Float32Array, subtract, divide);
      return { ...value, dims: [rows.length, ...dims] };
    },
    close: () => column.close(),
  };
}

function cast(value: Tensor, dtype: DType, name: string): Tensor {
  if (value.dtype === dtype) return value;
  const { dims } = value;
  switch (dtype) {
    case "float32":
      return tensor(dtype, dims, toFloats(value.data));
    case "int64":
      return tensor(
        dtype,
        dims,
        BigInt64Array.from(value.data as ArrayLike<number>, (v) => BigInt(whole(v, name))),
      );
    case "int32":
      return tensor(
        dtype,
        dims,
        Int32Array.from(value.data as ArrayLike<number | bigint>, (v) => narrow(v, name)),
      );
    default:
      throw new DataError("Mismatch", name, `${value.dtype} does not become ${dtype}`);
  }
}

/** All samples of all batches come through here: a copy between typed arrays is hundreds of times faster than `from` with a function. */
function toFloats(data: Tensor["data"]): Float32Array<ArrayBuffer> {
  if (!(data instanceof BigInt64Array)) return new Float32Array(data);
  const floats = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) floats[i] = Number(data[i]);
  return floats;
}

function whole(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) throw new DataError("BadValue", name, `${value} is no integer`);
  return value;
}

function narrow(value: number | bigint, name: string): number {
  const asNumber = Number(value);
  if (asNumber !== (asNumber | 0)) throw new DataError("BadValue", name, `${value} is no int32`);
  return asNumber;
}

/** Rounding to float32 after each operation makes the result the same on every machine. */
function rescale(data: Float32Array, subtract: number, divide: number): void {
  const [a, b] = [Math.fround(subtract), Math.fround(divide)];
  for (let i = 0; i < data.length; i++) data[i] = Math.fround((data[i] as number) - a) / b;
}
