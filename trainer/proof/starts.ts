import { intOf } from "../engine/graph/attribute.ts";
import type { Model, ModelNode } from "../engine/onnx/model.ts";
import { elements, type Tensor, type TensorSpec } from "../engine/tensor.ts";
import type { Start } from "./init.ts";
import type { Law } from "./law.ts";
import type { Manifest } from "./manifest.ts";

/** What the manifest says of the start, when it is drawn. */
export type Seeded = Extract<Manifest["initialisation"], { type: "seeded" }>;

/**
 * How every given tensor of a model begins. A tensor that a contraction or an embedding reads as its weight follows
 * the default law; every other is a constant: the one value that it has in the model, or else what its reader needs
 * to do nothing (1 for a factor or a variance, 0 for a summand or a mean). `laws` overrides both by name.
 */
export function startsOf(model: Model, tensors: readonly TensorSpec[], seeded: Seeded): Start[] {
  const unknown = Object.keys(seeded.laws).find((name) => !tensors.some((t) => t.name === name));
  if (unknown !== undefined)
    throw new Error(`initialisation.laws: the model has no trained tensor "${unknown}"`);
  return tensors.map((tensor) => {
    const use = useOf(model, tensor.name);
    const fans = use === undefined ? undefined : fansOf(use, tensor.dims);
    const usual: Law = fans
      ? seeded.default
      : { law: "constant", value: sameValue(model.initialisers.get(tensor.name)) ?? neutral(use) };
    const convention = { fanIn: elements(tensor.dims.slice(1)), fanOut: tensor.dims[0] ?? 1 };
    return { ...tensor, law: seeded.laws[tensor.name] ?? usual, ...(fans ?? convention) };
  });
}

/** The first node that reads a tensor, as which input, and whether it was transposed on the way. */
interface Use {
  readonly node: ModelNode;
  readonly input: number;
  readonly transposed: boolean;
}

/** Operators that hand a weight on as it is. */
const passing = new Set(["Transpose", "Identity", "Cast"]);

function useOf(model: Model, name: string, transposed = false): Use | undefined {
  const node = model.nodes.find((n) => n.inputs.includes(name));
  if (node === undefined) return undefined;
  if (!passing.has(node.op)) return { node, input: node.inputs.indexOf(name), transposed };
  return useOf(model, node.outputs[0] as string, transposed !== (node.op === "Transpose"));
}

/** Fan-in and fan-out of a weight; undefined for what is not summed over. */
function fansOf({ node, input, transposed }: Use, dims: readonly number[]) {
  const flag = (name: string) => intOf(node.attributes, name, 0) === 1;
  const last = dims.at(-1) ?? 1;
  const before = dims.at(-2) ?? 1;
  /** [..., in, out] as the second factor; turned around as the first one, or when transposed. */
  const product = (turned: boolean) =>
    dims.length < 2 ? undefined : turned ? { fanIn: last, fanOut: before } : { fanIn: before, fanOut: last };
  const first = dims[0] ?? 1;
  const second = dims[1] ?? 1;
  const kernel = elements(dims.slice(2));
  const group = node.op.startsWith("Conv") ? intOf(node.attributes, "group", 1) : 1;
  switch (node.op) {
    case "Gemm":
      if (input > 1) return undefined;
      return product((input === 0) !== (flag(input === 0 ? "transA" : "transB") !== transposed));
    case "MatMul":
      return product((input === 0) !== transposed);
    case "Conv": // [out, in / group, ...kernel]
      return input === 1 ? { fanIn: second * kernel, fanOut: (first / group) * kernel } : undefined;
    case "ConvTranspose": // [in, out / group, ...kernel]
      return input === 1 ? { fanIn: (first / group) * kernel, fanOut: second * kernel } : undefined;
    case "Gather": // an embedding: rows of `last` values, of which one is taken
      return input === 0 && dims.length === 2 ? { fanIn: last, fanOut: last } : undefined;
    default:
      return undefined;
  }
}

/** The value that a whole tensor has, when it has only one. */
function sameValue(tensor: Tensor | undefined): number | undefined {
  if (tensor === undefined || !(tensor.data instanceof Float32Array)) return undefined;
  const first = tensor.data[0];
  return tensor.data.every((v) => v === first) ? first : undefined;
}

function neutral(use: Use | undefined): number {
  if (use === undefined) return 0;
  const { op } = use.node;
  if (op === "BatchNormalization") return use.input === 1 || use.input === 4 ? 1 : 0;
  if (op.endsWith("Normalization")) return use.input === 1 ? 1 : 0;
  return op === "Mul" || op === "Div" ? 1 : 0;
}
