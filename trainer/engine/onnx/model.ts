/** A stranger's model after reading: bounded, checked for form, shapes not yet known. */
import type { Attributes } from "../graph/attribute.ts";
import type { DType, Tensor } from "../tensor.ts";

/** An input or output; a dimension without a fixed size is a string (its name, or empty). */
export interface ModelValue {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly (number | string)[];
}

export interface ModelNode {
  readonly op: string;
  /** The name given by the exporter; empty when there is none. */
  readonly name: string;
  /** Names of values; an omitted optional input is empty. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** The graph that a `Loop` runs several times. */
  readonly body?: ModelBody;
}

/** Nodes with the constants beside them. */
export interface ModelNodes {
  readonly initialisers: ReadonlyMap<string, Tensor>;
  /** In an order in which every node comes after those that feed it. */
  readonly nodes: readonly ModelNode[];
}

/** A graph inside of another, whose values it may read. Its inputs have the types of what they are given. */
export interface ModelBody extends ModelNodes {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Model extends ModelNodes {
  /** Version of the standard operator set. */
  readonly opset: number;
  /** The inputs that are not initialisers. */
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** The file it came from, for {@link exportModel}. */
  readonly bytes: Uint8Array;
}

/** How an error names a node. */
export function nodeLabel(node: Pick<ModelNode, "op" | "name" | "outputs">): string {
  return `node ${JSON.stringify(node.name === "" ? (node.outputs[0] ?? "") : node.name)} (${node.op})`;
}
