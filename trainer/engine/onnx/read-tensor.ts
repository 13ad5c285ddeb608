/** A tensor out of the file, checked against its own shape. */
import { EngineError, ensure } from "../error.ts";
import { dtypeOf } from "../graph/element-type.ts";
import type { Tensor } from "../tensor.ts";
import { elements, tensor, tensorFromBytes } from "../tensor.ts";
import type { TensorProto } from "./generated/onnx_pb.ts";
import type { Limits } from "./limits.ts";

/** Bytes of external data: `location` as the file names it, `length` undefined for all the rest of the file. */
export type ReadExternal = (location: string, offset: number, length: number | undefined) => Uint8Array;

/** TensorProto.DataLocation.EXTERNAL of the format. */
const inAnotherFile = 1;

/** Decodes one tensor of numbers. Throws an EngineError without the tensor's name: the caller knows where it stands. */
export function readTensor(proto: TensorProto, limits: Limits, external?: ReadExternal): Tensor {
  const value = decoded(proto, limits, external);
  const isFloat = value.dtype === "float32" || value.dtype === "float64";
  ensure(!isFloat || !value.data.some(Number.isNaN), "NonFinite", "it has NaN among its values");
  return value;
}

function decoded(proto: TensorProto, limits: Limits, external: ReadExternal | undefined): Tensor {
  const dtype = dtypeOf(proto.dataType);
  const dims = readDims(proto.dims, limits);
  const count = elements(dims);
  ensure(
    count <= limits.elements,
    "TooLarge",
    `[${dims}] has ${count} elements, the limit is ${limits.elements}`,
  );
  ensure(proto.segment.length === 0, "Unsupported", "segmented tensors are not supported");

  const lists = [proto.floatData, proto.int32Data, proto.int64Data, proto.doubleData].filter(
    (l) => l.length > 0,
  );
  const isExternal = proto.dataLocation === inAnotherFile;
  const ways = lists.length + (proto.rawData.length > 0 ? 1 : 0) + (isExternal ? 1 : 0);
  ensure(ways <= 1, "Malformed", "its data is given twice");
  ensure(ways === 1 || count === 0, "Malformed", `[${dims}] needs ${count} elements, there are none`);

  if (isExternal) return fromBytes(dtype, dims, externalBytes(proto, external));
  const list = lists[0];
  if (list === undefined) return fromBytes(dtype, dims, proto.rawData);
  ensure(list.length === count, "Malformed", `[${dims}] needs ${count} elements, got ${list.length}`);
  const numbers = list as readonly (number | bigint)[];
  const only = (field: readonly unknown[]) =>
    ensure(list === field, "Malformed", `${dtype} data is in the field of another type`);
  switch (dtype) {
    case "float32":
      only(proto.floatData);
      return tensor(dtype, dims, Float32Array.from(numbers, Number));
    case "float64":
      only(proto.doubleData);
      return tensor(dtype, dims, Float64Array.from(numbers, Number));
    case "int64":
      only(proto.int64Data);
      return tensor(dtype, dims, BigInt64Array.from(proto.int64Data));
    case "int32":
      only(proto.int32Data);
      return tensor(dtype, dims, Int32Array.from(proto.int32Data));
    case "int8":
      only(proto.int32Data);
      return tensor(dtype, dims, Int8Array.from(proto.int32Data));
    default:
      only(proto.int32Data);
      return checkBool(tensor(dtype, dims, Uint8Array.from(proto.int32Data)));
  }
}

/** Dimensions of a file's tensor as numbers. */
export function readDims(dims: readonly bigint[], limits: Limits): number[] {
  ensure(dims.length <= limits.rank, "TooLarge", `rank ${dims.length} is above the limit of ${limits.rank}`);
  return dims.map((dim) => {
    ensure(dim >= 0n, "Malformed", `dimension ${dim} is negative`);
    ensure(
      dim <= BigInt(limits.elements),
      "TooLarge",
      `dimension ${dim} is above the limit of ${limits.elements}`,
    );
    return Number(dim);
  });
}

function externalBytes(proto: TensorProto, external: ReadExternal | undefined): Uint8Array {
  ensure(
    external !== undefined,
    "Unsupported",
    "its data is in another file, and one alone is read here: export it with external_data=False",
  );
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  ensure(entries.size === proto.externalData.length, "Malformed", "its external data has doubled keys");
  const location = entries.get("location");
  ensure(location !== undefined && location !== "", "Malformed", "its external data has no location");
  const natural = (key: string): number | undefined => {
    const value = entries.get(key);
    if (value === undefined) return undefined;
    ensure(/^\d{1,15}$/.test(value), "Malformed", `its external ${key} is ${JSON.stringify(value)}`);
    return Number(value);
  };
  return external(location, natural("offset") ?? 0, natural("length"));
}

function fromBytes(dtype: Tensor["dtype"], dims: readonly number[], bytes: Uint8Array): Tensor {
  try {
    return checkBool(tensorFromBytes(dtype, dims, bytes));
  } catch (error) {
    if (error instanceof RangeError) throw new EngineError("Malformed", error.message);
    throw error;
  }
}

function checkBool(value: Tensor): Tensor {
  if (value.dtype === "bool" && value.data.some((byte) => byte > 1)) {
    throw new EngineError("Malformed", "a bool is neither 0 nor 1");
  }
  return value;
}
