/** Attributes of a node, in the kinds that the ONNX format has and the engine uses. */
import { EngineError } from "../error.ts";
import type { Tensor } from "../tensor.ts";

export type Attribute =
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "tensor"; readonly value: Tensor };

export type Attributes = Readonly<Record<string, Attribute>>;

export const int = (value: number): Attribute => ({ type: "int", value });
export const ints = (value: readonly number[]): Attribute => ({ type: "ints", value });
export const float = (value: number): Attribute => ({ type: "float", value });
export const text = (value: string): Attribute => ({ type: "string", value });

/** Reads an integer attribute; throws `Malformed` when it is of another kind, or absent without a default. */
export function intOf(attributes: Attributes, name: string, byDefault?: number): number {
  return contentOf(attributes, name, "int", byDefault);
}

export function intsOf(
  attributes: Attributes,
  name: string,
  byDefault?: readonly number[],
): readonly number[] {
  return contentOf(attributes, name, "ints", byDefault);
}

export function floatOf(attributes: Attributes, name: string, byDefault?: number): number {
  return contentOf(attributes, name, "float", byDefault);
}

export function textOf(attributes: Attributes, name: string, byDefault?: string): string {
  return contentOf(attributes, name, "string", byDefault);
}

type ContentOf<T extends Attribute["type"]> = Extract<Attribute, { type: T }>["value"];

function contentOf<T extends Attribute["type"]>(
  attributes: Attributes,
  name: string,
  type: T,
  byDefault: ContentOf<T> | undefined,
): ContentOf<T> {
  const found = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (found === undefined) {
    if (byDefault === undefined) throw new EngineError("Malformed", `attribute ${name} is missing`);
    return byDefault;
  }
  if (found.type !== type)
    throw new EngineError("Malformed", `attribute ${name} is ${found.type}, expected ${type}`);
  return found.value as ContentOf<T>; // checked: the kinds are equal
}
