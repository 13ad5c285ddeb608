/**
 * Tensors as they cross the engine's borders: an element type, a static shape and one flat typed array.
 * Owns the element types the engine knows and the sizes that keep a stranger's shape from exhausting the host.
 */

/** Element types; the names are those of onnxruntime-node. */
export type DType = "float32" | "float64" | "int64" | "int32" | "int8" | "uint8" | "bool";

/** What a tensor is called and what it must look like. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
}

/** The array that holds elements of each type, row-major. */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int8: Int8Array;
  uint8: Uint8Array;
  /** One byte per element, 0 or 1. */
  bool: Uint8Array;
}

/** A value: `data` has exactly the product of `dims` elements. */
export type Tensor<D extends DType = DType> = {
  [T in D]: { readonly dtype: T; readonly dims: readonly number[]; readonly data: DataOf[T] };
}[D];

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** No tensor has more elements than this: a larger one could not be addressed by one ArrayBuffer of float32. */
const maxElements = 2 ** 31;

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** Number of elements of a shape. Throws on a dimension that is no natural number and on more than {@link maxElements}. */
export function elements(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw new RangeError(`${dim} is not a dimension`);
    count *= dim;
    if (count > maxElements) throw new RangeError(`shape [${dims}] has more than ${maxElements} elements`);
  }
  return count;
}

/** Bytes of one element. */
export function elementBytes(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/** A tensor over `data`, which is kept, not copied. Throws when the length does not fit the shape. */
export function tensor<D extends DType>(dtype: D, dims: readonly number[], data: DataOf[D]): Tensor<D> {
  if (!(data instanceof constructors[dtype]))
    throw new TypeError(`data of a ${dtype} tensor has the wrong type`);
  if (data.length !== elements(dims)) {
    throw new RangeError(`${dtype} tensor [${dims}] needs ${elements(dims)} elements, got ${data.length}`);
  }
  return { dtype, dims: [...dims], data } as unknown as Tensor<D>; // checked: `data` is the array of `dtype`
}

/** A tensor of zeros. */
export function zeros<D extends DType>(dtype: D, dims: readonly number[]): Tensor<D> {
  return tensor(dtype, dims, new constructors[dtype](elements(dims)) as DataOf[D]);
}

/** The little-endian bytes of a tensor, sharing its memory: what ONNX, safetensors and every hash see. */
export function tensorBytes(value: Tensor): Uint8Array {
  return new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
}

/** A tensor from little-endian bytes, copied. Throws when their number does not fit the shape. */
export function tensorFromBytes<D extends DType>(
  dtype: D,
  dims: readonly number[],
  bytes: Uint8Array,
): Tensor<D> {
  const expected = elements(dims) * elementBytes(dtype);
  if (bytes.length !== expected) {
    throw new RangeError(`${dtype} tensor [${dims}] needs ${expected} bytes, got ${bytes.length}`);
  }
  const copy = new Uint8Array(bytes); // aligned, safe from later changes; slice() of a Buffer would share its pool
  return tensor(dtype, dims, new constructors[dtype](copy.buffer) as DataOf[D]);
}

/** Why `value` does not fit `spec`, in words, or undefined when it does. */
export function mismatch(spec: TensorSpec, value: Tensor | undefined): string | undefined {
  if (value === undefined) return `${spec.name} is missing: expected ${spec.dtype} [${spec.dims}]`;
  const same = value.dims.length === spec.dims.length && value.dims.every((dim, i) => dim === spec.dims[i]);
  if (value.dtype === spec.dtype && same) return undefined;
  return `${spec.name} is ${value.dtype} [${value.dims}], expected ${spec.dtype} [${spec.dims}]`;
}
