/** The sum of several gradients of one value. */
import type { Build } from "./build.ts";
import type { Value } from "./graph.ts";

/**
 * Adds them up. Where they are slices put back to their places, each with zeros around, and together cover everything
 * once (what becomes of a tensor cut into query, key and value), they are joined instead.
 */
export function sumOf(b: Build, terms: readonly Value[]): Value {
  return joined(b, terms) ?? terms.reduce((sum, term) => b.add(sum, term));
}

interface Part {
  readonly value: Value;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

function joined(b: Build, terms: readonly Value[]): Value | undefined {
  const parts = terms.map((term) => partOf(b, term)).filter((part) => part !== undefined);
  const [first] = parts;
  if (first === undefined || parts.length < 2 || parts.length !== terms.length) return undefined;
  const { axis } = first;
  parts.sort((p, q) => p.start - q.start);
  const adjacent = parts.every((part, i) => part.axis === axis && part.start === (parts[i - 1]?.end ?? 0));
  if (!adjacent || parts.at(-1)!.end !== terms[0]!.dims[axis]) return undefined;
  return b.concat(
    parts.map(({ value }) => value),
    axis,
  );
}

/** What was padded with zeros, if it was along one axis. */
function partOf(b: Build, term: Value): Part | undefined {
  const pad = b.graph.sourceOf(term);
  if (pad?.op !== "Pad" || pad.inputs[2] !== undefined) return undefined;
  const pads = Array.from(pad.inputs[1]!.constant!.data, Number);
  const rank = term.dims.length;
  const axes = [...Array(rank).keys()].filter((axis) => pads[axis] !== 0 || pads[axis + rank] !== 0);
  const [axis] = axes;
  if (axis === undefined || axes.length > 1 || pads.some((p) => p < 0)) return undefined;
  const value = pad.inputs[0]!;
  return { value, axis, start: pads[axis]!, end: pads[axis]! + value.dims[axis]! };
}
