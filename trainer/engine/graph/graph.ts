/**
 * A graph under construction: static shapes, single assignment, one scope.
 * Every node is checked and its output shapes are known when it is added; what can be computed at once is
 * (constants are folded), and the same node is never added twice. So equal descriptions give equal graphs.
 */
import type { DType, Tensor } from "../tensor.ts";
import { tensor, tensorBytes } from "../tensor.ts";
import type { Array64 } from "./array64.ts";
import { toArray64, toTensor } from "./array64.ts";
import type { Attributes } from "./attribute.ts";

export interface Value {
  readonly id: number;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Known before any run. */
  readonly constant?: Tensor;
}

/** Inputs by position; an omitted optional one is undefined. */
export type Inputs = readonly (Value | undefined)[];

export interface Node {
  readonly op: string;
  readonly inputs: Inputs;
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** A nested graph that is run several times: only for `Loop`. */
  readonly body?: Graph;
}

export interface Shape {
  readonly dtype: DType;
  readonly dims: readonly number[];
}

/** What a graph has to know of an operator. */
export interface Rule {
  /** Types and shapes of the outputs. Throws an EngineError when the inputs do not fit. */
  shape(inputs: Inputs, attributes: Attributes): readonly Shape[];
  /** The outputs in double precision. */
  evaluate64(inputs: readonly (Array64 | undefined)[], node: Node): readonly Array64[];
  /** False for what costs more than its inputs and outputs are large: it is never computed before the run. */
  readonly folds?: false;
}

export type Rules = Readonly<Record<string, Rule>>;

/** Constants up to this many elements are folded and compared; larger ones are left to the run. */
const foldedElements = 2 ** 16;

/** Elements that are folded in one graph; a stranger's graph must not keep us busy before it is in a process of its own. */
const foldedTotal = 2 ** 25;
/** Repetitions are cheaper made in the run than kept in the file. */
const repeatedElements = 2 ** 10;

export class Graph {
  readonly inputs: { readonly name: string; readonly value: Value }[] = [];
  /** Values that the file around this graph gives under a name. */
  readonly outers: { readonly name: string; readonly value: Value }[] = [];
  readonly nodes: Node[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly constants: Value[] = [];
  readonly rules: Rules;
  /** The graph whose values this one may read. */
  readonly parent: Graph | undefined;
  readonly #ids: { next: number; folded: number };
  readonly #sources = new Map<Value, Node>();
  readonly #known = new Map<string, readonly Value[]>();

  constructor(rules: Rules, parent?: Graph) {
    this.rules = rules;
    this.parent = parent;
    this.#ids = parent === undefined ? { next: 0, folded: 0 } : parent.#ids;
  }

  input(name: string, dtype: DType, dims: readonly number[]): Value {
    const value = this.#value({ dtype, dims });
    this.inputs.push({ name, value });
    return value;
  }

  /** A value from around this graph. */
  outer(name: string, dtype: DType, dims: readonly number[]): Value {
    const value = this.#value({ dtype, dims });
    this.outers.push({ name, value });
    return value;
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value });
  }

  /** A value that is part of the graph; equal small ones are the same value. */
  constant(content: Tensor): Value {
    const key =
      content.data.length <= foldedElements
        ? `${content.dtype}[${content.dims}]${Buffer.from(tensorBytes(content)).toString("latin1")}`
        : undefined;
    const known = key === undefined ? undefined : this.#known.get(key)?.[0];
    if (known !== undefined) return known;
    const value = { ...this.#value(content), constant: content };
    this.constants.push(value);
    if (key !== undefined) this.#known.set(key, [value]);
    return value;
  }

  /** Adds a node, or finds the equal one, or computes it when all of its inputs are constants. */
  apply(op: string, inputs: Inputs, attributes: Attributes = {}): readonly Value[] {
    const rule = this.rules[op];
    if (rule === undefined) throw new Error(`no rule for ${op}`);
    const shapes = rule.shape(inputs, attributes);
    const key = `${op}(${inputs.map((input) => input?.id ?? "")})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;

    const outputs = shapes.map((shape) => this.#value(shape));
    const node: Node = { op, inputs, outputs, attributes };
    const folded = this.#fold(rule, node);
    const values = folded?.map((content) => this.constant(content)) ?? outputs;
    if (folded === undefined) {
      this.nodes.push(node);
      for (const output of outputs) this.#sources.set(output, node);
    }
    this.#known.set(key, values);
    return values;
  }

  /**
   * Adds a `Loop` that runs `body` `trips` times. The body takes a counter, a condition and the carried values,
   * and gives the condition, the carried values, and what of every round is put one after another; it may read values
   * of this graph.
   */
  loop(trips: number, carried: readonly Value[], body: Graph): readonly Value[] {
    const count = this.constant(tensor("int64", [], BigInt64Array.of(BigInt(trips))));
    const goOn = this.constant(tensor("bool", [], Uint8Array.of(1)));
    const collected = body.outputs.slice(1 + carried.length);
    const outputs = [
      ...carried.map((value) => this.#value(value)),
      ...collected.map(({ value: { dtype, dims } }) => this.#value({ dtype, dims: [trips, ...dims] })),
    ];
    this.nodes.push({ op: "Loop", inputs: [count, goOn, ...carried], outputs, attributes: {}, body });
    return outputs;
  }

  /** The node of this graph that made a value, if one did. */
  sourceOf(value: Value): Node | undefined {
    return this.#sources.get(value);
  }

  /** The first output of a new or equal node. */
  one(op: string, inputs: Inputs, attributes: Attributes = {}): Value {
    const [value] = this.apply(op, inputs, attributes);
    if (value === undefined) throw new Error(`${op} has no output`);
    return value;
  }

  #fold(rule: Rule, node: Node): Tensor[] | undefined {
    if (node.inputs.length === 0 || rule.folds === false) return undefined;
    if (node.inputs.some((input) => input !== undefined && input.constant === undefined)) return undefined;
    const sizes = [...node.outputs, ...node.inputs].map(
      (value) => value?.dims.reduce((a, b) => a * b, 1) ?? 0,
    );
    const [output] = sizes as [number];
    if (output > (node.op === "Expand" ? repeatedElements : foldedElements)) return undefined;
    this.#ids.folded += sizes.reduce((a, b) => a + b);
    return this.#ids.folded > foldedTotal ? undefined : fold(rule, node);
  }

  #value(shape: Shape): Value {
    return { id: this.#ids.next++, dtype: shape.dtype, dims: [...shape.dims] };
  }
}

/** The outputs of a node whose inputs are constants; undefined when they cannot be had exactly. */
function fold(rule: Rule, node: Node): Tensor[] | undefined {
  const inputs = node.inputs.map((input) => input?.constant && toArray64(input.constant));
  const results = rule.evaluate64(inputs, node);
  // Whole numbers are exact up to 2^53; beyond it only the ends of the range mean something: as far as it goes.
  const inexact = (x: number) => Math.abs(x) > 2 ** 53 && Math.abs(x) < 2 ** 63;
  const lost = node.outputs.some(({ dtype }, i) => dtype === "int64" && results[i]!.data.some(inexact));
  if (lost) return undefined;
  return node.outputs.map((output, i) => toTensor(output.dtype, results[i]!));
}
