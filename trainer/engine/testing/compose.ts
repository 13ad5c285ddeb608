/** ONNX files of a few nodes, as exporters would write them, and broken ones as no exporter would. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Attribute } from "../graph/attribute.ts";
import { attributeKind } from "../onnx/attribute-kind.ts";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
} from "../onnx/generated/onnx_pb.ts";
import { type NodeInit, tensorInit, type ValueInit, valueInit } from "../onnx/write.ts";
import type { DType, Tensor } from "../tensor.ts";

export interface Composed {
  readonly nodes: readonly NodeInit[];
  readonly inputs?: Readonly<
    Record<string, { readonly dtype?: DType; readonly dims: readonly (number | string)[] }>
  >;
  readonly initialisers?: Readonly<Record<string, Tensor>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

/** Encodes a model; outputs are declared float32 without a shape. */
export function compose({
  nodes,
  inputs = {},
  initialisers = {},
  outputs = ["y"],
  opset = 17,
}: Composed): Uint8Array {
  const output = outputs.map((name): ValueInit => ({ name, type: { tensorType: { elemType: 1 } } }));
  const graph = create(GraphProtoSchema, {
    name: "composed",
    node: [...nodes],
    initializer: Object.entries(initialisers).map(([name, value]) => tensorInit(name, value)),
    input: Object.entries(inputs).map(([name, { dtype = "float32", dims }]) => valueInit(name, dtype, dims)),
    output,
  });
  const model = { irVersion: 8n, opsetImport: [{ domain: "", version: BigInt(opset) }], graph };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, model));
}

/** One node; attributes in the engine's form. */
export function node(
  op: string,
  input: readonly string[],
  output: readonly string[] = ["y"],
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeInit {
  return {
    opType: op,
    name: `${op} to ${output[0]}`,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(attributeOf),
  };
}

function attributeOf([name, a]: [string, Attribute]): NonNullable<NodeInit["attribute"]>[number] {
  const type = attributeKind[a.type];
  switch (a.type) {
    case "int":
      return { name, type, i: BigInt(a.value) };
    case "ints":
      return { name, type, ints: a.value.map(BigInt) };
    case "float":
      return { name, type, f: a.value };
    case "floats":
      return { name, type, floats: [...a.value] };
    case "string":
      return { name, type, s: new TextEncoder().encode(a.value) };
    case "tensor":
      return { name, type, t: tensorInit("", a.value) };
  }
}

/** The file with the data of its first initialiser said to be in another file. */
export function withExternalData(
  bytes: Uint8Array,
  location: string,
  offset: string,
  length: string,
): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const entries = Object.entries({ location, offset, length }).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  Object.assign(model.graph!.initializer[0]!, {
    rawData: new Uint8Array(),
    dataLocation: 1,
    externalData: entries,
  });
  return toBinary(ModelProtoSchema, model);
}
