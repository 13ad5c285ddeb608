/** The format's numbers for element types (TensorProto.DataType). */
import { EngineError } from "../error.ts";
import type { DType } from "../tensor.ts";

export const elementType: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

const dtypes = new Map(Object.entries(elementType).map(([dtype, number]) => [number, dtype as DType]));

/** The element type of a number. Throws `Unsupported` for those the engine does not have. */
export function dtypeOf(number: number): DType {
  const dtype = dtypes.get(number);
  if (dtype === undefined) {
    throw new EngineError(
      "Unsupported",
      `element type ${number} is none of ${Object.keys(elementType).join(", ")}`,
    );
  }
  return dtype;
}
