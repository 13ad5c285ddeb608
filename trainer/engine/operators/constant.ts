/** Operators whose outputs are known before the run: constants, and what is asked of shapes. */

import { EngineError, ensure } from "../error.ts";
import { intOf } from "../graph/attribute.ts";
import type { Value } from "../graph/graph.ts";
import { numbersOf } from "../ops/move.ts";
import { need } from "../ops/row.ts";
import { elements, tensor } from "../tensor.ts";
import type { Call, Operators } from "./operator.ts";
import { operator } from "./operator.ts";

export const constants: Operators = {
  Constant: operator("value value_float value_floats value_int value_ints", constantOf),
  ConstantOfShape: operator("value", ({ b, inputs, attributes }) => {
    const dims = numbersOf(need(inputs, 0));
    const value =
      attributes.value?.type === "tensor"
        ? attributes.value.value
        : tensor("float32", [1], Float32Array.of(0));
    ensure(value.data.length === 1, "Malformed", `its value has ${value.data.length} elements, not one`);
    return b.expand(b.graph.constant({ ...value, dims: [] }), dims);
  }),
  Shape: operator("start end", ({ b, inputs, attributes }) => {
    const { dims } = need(inputs, 0);
    return b.indices(...dims.slice(intOf(attributes, "start", 0), intOf(attributes, "end", dims.length)));
  }),
  Size: operator("", ({ b, inputs }) => b.filled("int64", [], elements(need(inputs, 0).dims))),
  Range: operator("", ({ b, inputs }) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => numbersOf(need(inputs, i))[0]!) as [
      number,
      number,
      number,
    ];
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    ensure(Number.isFinite(count) && count <= 2 ** 24, "TooLarge", `a range of ${count} numbers`);
    const { dtype } = need(inputs, 0);
    return b.add(b.mul(b.iota(dtype, [count]), b.scalar({ dtype }, delta)), b.scalar({ dtype }, start));
  }),
};

function constantOf({ b, attributes }: Call): Value {
  const one = (["value", "value_float", "value_floats", "value_int", "value_ints"] as const).filter(
    (name) => attributes[name],
  );
  ensure(one.length === 1, "Malformed", "a Constant has exactly one numeric value");
  const given = attributes[one[0]!]!;
  switch (given.type) {
    case "tensor":
      return b.graph.constant(given.value);
    case "float":
      return b.graph.constant(tensor("float32", [], Float32Array.of(given.value)));
    case "floats":
      return b.graph.constant(tensor("float32", [given.value.length], Float32Array.from(given.value)));
    case "int":
      return b.graph.constant(tensor("int64", [], BigInt64Array.of(BigInt(given.value))));
    case "ints":
      return b.indices(...given.value);
    default:
      throw new EngineError("Unsupported", `a Constant of kind ${given.type}`);
  }
}
