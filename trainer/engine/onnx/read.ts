/**
 * Reads a stranger's ONNX file: bounded before it is decoded, refused when it can be read in two ways.
 * Whether the operators are known and the shapes fit is decided later, when the model is bound to a job.
 */
import { EngineError, ensure } from "../error.ts";
import type { Attribute } from "../graph/attribute.ts";
import { dtypeOf } from "../graph/element-type.ts";
import type { Tensor } from "../tensor.ts";
import { attributeKind } from "./attribute-kind.ts";
import { decodeBody, decodeModel } from "./decode.ts";
import type { GraphProto, NodeProto, ValueInfoProto } from "./generated/onnx_pb.ts";
import type { Limits } from "./limits.ts";
import { defaultLimits } from "./limits.ts";
import type { Model, ModelBody, ModelNode, ModelNodes, ModelValue } from "./model.ts";
import { nodeLabel } from "./model.ts";
import { readAttribute } from "./read-attribute.ts";
import type { ReadExternal } from "./read-tensor.ts";
import { readDims, readTensor } from "./read-tensor.ts";

export interface ReadOptions {
  readonly limits?: Limits;
  /** Gives the bytes of external data; without it a model that has any is refused. */
  readonly external?: ReadExternal;
  /** Takes `Loop` with its body: what runs, and is not trained. */
  readonly loops?: boolean;
}

/** How deep loops may lie in loops. */
const maxDepth = 3;

/** Decodes and checks an ONNX file. Throws an EngineError that names the node, tensor or field. */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Model {
  const limits = options.limits ?? defaultLimits;
  const { graph, opset } = decodeModel(bytes, limits);

  const inputs = unique(graph.input, "input", limits);
  const outputs = unique(graph.output, "output", limits);
  ensure(outputs.length > 0, "Malformed", "the graph has no output");
  const given = new Set(inputs.map(({ name }) => name));
  const read = readNodes(graph, given, { ...options, limits }, 0);
  for (const { name } of outputs) {
    ensure(given.has(name), "Malformed", `output ${JSON.stringify(name)} is made by nothing`);
  }
  return {
    opset,
    inputs: inputs.filter(({ name }) => !read.initialisers.has(name)),
    outputs,
    bytes,
    ...read,
  };
}

type Reading = ReadOptions & { readonly limits: Limits };

/** Initialisers and nodes of a graph; `known` has the names of all values, and gets those that are made here. */
function readNodes(graph: GraphProto, known: Set<string>, options: Reading, depth: number): ModelNodes {
  const { limits } = options;
  const initialisers = new Map<string, Tensor>();
  for (const proto of graph.initializer) {
    const place = `initialiser ${JSON.stringify(proto.name)}`;
    checkName(proto.name, place, limits);
    ensure(!initialisers.has(proto.name), "Malformed", `${place} is there twice`);
    // Older files name their initialisers among the inputs, too.
    ensure(depth === 0 || !known.has(proto.name), "Malformed", `${place} is there already`);
    const value = within(place, () => readTensor(proto, limits, options.external));
    initialisers.set(proto.name, value);
  }
  for (const name of initialisers.keys()) known.add(name);

  const later = new Set(graph.node.flatMap((node) => node.output));
  const nodes = graph.node.map((proto) => {
    const node = readNode(proto, known, options, depth);
    const label = nodeLabel(node);
    for (const name of node.inputs) {
      if (name === "" || known.has(name)) continue;
      const why = later.has(name)
        ? "which only a later node makes: the graph has a cycle"
        : "which nothing makes";
      throw new EngineError("Malformed", `${label} reads ${JSON.stringify(name)}, ${why}`);
    }
    for (const name of node.outputs) {
      if (name === "") continue;
      ensure(!known.has(name), "Malformed", `${label} makes ${JSON.stringify(name)}, which is there already`);
      known.add(name);
    }
    return node;
  });
  return { initialisers, nodes };
}

/** The body of a loop: what it calls its own must not hide what is around it. */
function readBody(
  encoded: Uint8Array,
  around: ReadonlySet<string>,
  options: Reading,
  depth: number,
): ModelBody {
  const { limits } = options;
  ensure(depth <= maxDepth, "TooLarge", `loops lie more than ${maxDepth} deep in each other`);
  const graph = decodeBody(encoded, limits);
  const known = new Set(around);
  const fits = Math.max(graph.input.length, graph.output.length) <= limits.arity;
  ensure(fits, "TooLarge", `a body with more than ${limits.arity} inputs or outputs`);
  for (const { name } of graph.input) {
    checkName(name, "an input of the body", limits);
    ensure(!known.has(name), "Malformed", `input ${JSON.stringify(name)} of the body is there already`);
    known.add(name);
  }
  const read = readNodes(graph, known, options, depth);
  for (const { name } of graph.output) {
    ensure(known.has(name), "Malformed", `output ${JSON.stringify(name)} of the body is made by nothing`);
  }
  return {
    inputs: graph.input.map(({ name }) => name),
    outputs: graph.output.map(({ name }) => name),
    ...read,
  };
}

function unique(protos: readonly ValueInfoProto[], kind: string, limits: Limits): ModelValue[] {
  ensure(
    protos.length <= limits.initialisers + limits.arity,
    "TooLarge",
    `the graph has ${protos.length} ${kind}s`,
  );
  const names = new Set<string>();
  return protos.map((proto) => {
    const place = `${kind} ${JSON.stringify(proto.name)}`;
    checkName(proto.name, place, limits);
    ensure(!names.has(proto.name), "Malformed", `${place} is there twice`);
    names.add(proto.name);
    const type = proto.type?.tensorType;
    ensure(type !== undefined, "Unsupported", `${place} is not a tensor`);
    return within(place, () => ({
      name: proto.name,
      dtype: dtypeOf(type.elemType),
      dims: shape(type.shape?.dim ?? [], limits),
    }));
  });
}

function shape(dims: readonly { dimValue: bigint; dimParam: string }[], limits: Limits): (number | string)[] {
  const sizes = readDims(
    dims.map((dim) => dim.dimValue),
    limits,
  );
  // An absent size reads as 0, and no tensor worth training on has one: both are "not fixed".
  return sizes.map((size, i) => (size === 0 ? (dims[i]?.dimParam ?? "") : size));
}

function readNode(proto: NodeProto, known: ReadonlySet<string>, options: Reading, depth: number): ModelNode {
  const { limits, external } = options;
  const bare = { op: proto.opType, name: proto.name, inputs: proto.input, outputs: proto.output };
  const label = nodeLabel(bare);
  ensure(
    proto.domain === "" || proto.domain === "ai.onnx",
    "Unsupported",
    `${label} is of domain ${JSON.stringify(proto.domain)}`,
  );
  ensure(
    proto.input.length <= limits.arity && proto.output.length <= limits.arity,
    "TooLarge",
    `${label} has more than ${limits.arity} inputs or outputs`,
  );
  for (const name of [proto.name, proto.opType, ...proto.input, ...proto.output]) {
    ensure(name.length <= limits.nameLength, "TooLarge", `${label} has a name of ${name.length} characters`);
  }
  const attributes: Record<string, Attribute> = {};
  let body: ModelBody | undefined;
  for (const a of proto.attribute) {
    const place = `${label}, attribute ${JSON.stringify(a.name)}`;
    checkName(a.name, place, limits);
    ensure(!Object.hasOwn(attributes, a.name), "Malformed", `${place} is there twice`);
    ensure(a.name !== "__proto__", "Malformed", `${place} has a reserved name`);
    if (
      options.loops === true &&
      proto.opType === "Loop" &&
      a.name === "body" &&
      a.type === attributeKind.graph
    )
      body = within(label, () => readBody(a.g, known, options, depth + 1));
    else attributes[a.name] = within(place, () => readAttribute(a, limits, external));
  }
  return { ...bare, attributes, ...(body && { body }) };
}

function checkName(name: string, place: string, limits: Limits): void {
  ensure(name !== "", "Malformed", `${place} has no name`);
  ensure(
    name.length <= limits.nameLength,
    "TooLarge",
    `a name has ${name.length} characters, the limit is ${limits.nameLength}`,
  );
}

/** Runs `read` and puts `place` in front of what it complains about. */
function within<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof EngineError) throw error.at(place);
    if (error instanceof RangeError) throw new EngineError("TooLarge", `${place}: ${error.message}`);
    throw error;
  }
}
