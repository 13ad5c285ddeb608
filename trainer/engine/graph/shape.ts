/** Rules that many operators share about shapes. */
import { EngineError, ensure } from "../error.ts";

export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The shape that both broadcast to. Throws `BadShape` when there is none. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new EngineError("BadShape", `[${a}] and [${b}] do not broadcast`);
  });
}

/** An axis counted from the front. Throws `BadShape` when it is outside of the rank. */
export function axisOf(axis: number, rank: number): number {
  ensure(axis >= -rank && axis < rank, "BadShape", `axis ${axis} is outside of rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** Several axes counted from the front, each once, ascending. */
export function axesOf(axes: readonly number[], rank: number): number[] {
  const fromFront = axes.map((axis) => axisOf(axis, rank)).sort((a, b) => a - b);
  ensure(new Set(fromFront).size === axes.length, "BadShape", `axes [${axes}] are not distinct`);
  return fromFront;
}
