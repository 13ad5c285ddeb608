/**
 * Writes graphs canonically: names by one counter per file, attributes sorted, operator set 17, IR version 8, nothing
 * that depends on when or by whom. Equal graphs are equal bytes, so a program is known by its hash.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Attribute, Attributes } from "../graph/attribute.ts";
import { elementType } from "../graph/element-type.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { liveNodes } from "../graph/live.ts";
import type { DType, Tensor } from "../tensor.ts";
import { tensorBytes } from "../tensor.ts";
import { attributeKind } from "./attribute-kind.ts";
import type {
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";
import { GraphProtoSchema, ModelProtoSchema } from "./generated/onnx_pb.ts";

export type NodeInit = MessageInitShape<typeof NodeProtoSchema>;
export type ValueInit = MessageInitShape<typeof ValueInfoProtoSchema>;
type GraphInit = MessageInitShape<typeof GraphProtoSchema>;
type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>;
type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

/** Encodes a file around a main graph. */
export function writeModel(graph: GraphInit): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: 17n }],
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

/** The description of an input or output; a dimension may be a name. */
export function valueInit(name: string, dtype: DType, dims: readonly (number | string)[]): ValueInit {
  const dim = dims.map((d) => (typeof d === "string" ? { dimParam: d } : { dimValue: BigInt(d) }));
  return { name, type: { tensorType: { elemType: elementType[dtype], shape: { dim } } } };
}

export function tensorInit(name: string, value: Tensor): TensorInit {
  return {
    name,
    dims: value.dims.map(BigInt),
    dataType: elementType[value.dtype],
    rawData: tensorBytes(value),
  };
}

/** Gives out names; one for a whole file, as names in nested graphs must not hide those around them. */
export class Names {
  readonly #of = new Map<Value, string>();
  #next = 0;

  /** The name of a value; `wanted` is used if it has none yet. */
  of(value: Value, wanted?: string): string {
    const known = this.#of.get(value);
    if (known !== undefined) return known;
    const name = wanted ?? `v${this.#next++}`;
    this.#of.set(value, name);
    return name;
  }

  has(value: Value): boolean {
    return this.#of.has(value);
  }

  /** Gives constants new names: each graph has its own copy, though the value may be the same. */
  fresh(): string {
    return `v${this.#next++}`;
  }
}

/** Encodes a graph with its constants; inputs and outputs are named as given. */
export function graphInit(graph: Graph, names: Names, title: string): GraphInit {
  for (const { name, value } of [...graph.outers, ...graph.inputs]) names.of(value, name);
  const constants = new Map<Value, string>();
  const initializer: TensorInit[] = [];
  const read = (value: Value): string => {
    if (value.constant === undefined) return names.of(value);
    let name = constants.get(value);
    if (name === undefined) {
      name = names.fresh();
      constants.set(value, name);
      initializer.push(tensorInit(name, value.constant));
    }
    return name;
  };

  // A value that is an output takes its name; inputs, constants and second uses have to be copied.
  const copied: { readonly name: string; readonly value: Value }[] = [];
  for (const { name, value } of graph.outputs) {
    if (value.constant !== undefined || names.has(value)) copied.push({ name, value });
    else names.of(value, name);
  }
  const node: NodeInit[] = liveNodes(graph).map(({ op, inputs, outputs, attributes, body }) => ({
    opType: op,
    input: inputs.map((input) => (input === undefined ? "" : read(input))),
    attribute: [...attributeInits(attributes), ...(body === undefined ? [] : [bodyInit(body, names)])],
    output: outputs.map((output) => names.of(output)),
  }));
  for (const { name, value } of copied)
    node.push({ opType: "Identity", input: [read(value)], output: [name] });
  return {
    name: title,
    node,
    initializer,
    input: graph.inputs.map(({ name, value }) => valueInit(name, value.dtype, value.dims)),
    output: graph.outputs.map(({ name, value }) => valueInit(name, value.dtype, value.dims)),
  };
}

/** A nested graph as an attribute: encoded at once, see onnx.proto. */
export function bodyInit(body: Graph, names: Names): AttributeInit {
  const encoded = toBinary(GraphProtoSchema, create(GraphProtoSchema, graphInit(body, names, "body")));
  return { name: "body", type: attributeKind.graph, g: encoded };
}

function attributeInits(attributes: Attributes): AttributeInit[] {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, attribute]) => attributeInit(name, attribute));
}

function attributeInit(name: string, attribute: Attribute): AttributeInit {
  const type = attributeKind[attribute.type];
  switch (attribute.type) {
    case "int":
      return { name, type, i: BigInt(attribute.value) };
    case "ints":
      return { name, type, ints: attribute.value.map(BigInt) };
    case "float":
      return { name, type, f: attribute.value };
    case "floats":
      return { name, type, floats: [...attribute.value] };
    case "string":
      return { name, type, s: new TextEncoder().encode(attribute.value) };
    case "tensor":
      return { name, type, t: tensorInit("", attribute.value) };
  }
}
