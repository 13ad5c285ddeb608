/**
 * Random masks from a counter: the same step, place and element give the same bit on every machine and in every run.
 * The permutation x -> x³ modulo a prime p with p mod 3 = 2, with constants added between rounds (MiMC, Albrecht et al.
 * 2016), in 64-bit integers that never overflow. It has to look independent to a training, not to an adversary.
 */
import type { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import { elements } from "./tensor.ts";

/** The largest prime below 2^31 that leaves 2 when divided by 3. */
export const prime = 2_147_483_579;

/** Odd multiples of the golden ratio, as round constants. */
const constants = [1_640_531_527, 1_013_904_223, 1_779_033_703, 387_276_957, 928_160_669, 1_359_893_119];

/**
 * 1 with probability 1 - `ratio` and else 0, float32. `counter` is an int64 scalar, another one for each step; `site`
 * is another number for each mask in one step.
 */
export function keepMask(
  b: Build,
  dims: readonly number[],
  ratio: number,
  counter: Value,
  site: number,
): Value {
  const columns = dims.at(-1) ?? 1;
  const rows = elements(dims) / columns;
  const key = rounds(b, addModulo(b, rounds(b, modulo(b, counter), 3), b.scalar(counter, site)), 3);
  // Every row and every column is mixed on its own, which is cheap, and the two are mixed with each other.
  const row = rounds(b, addModulo(b, b.reshape(b.iota("int64", [rows]), [rows, 1]), key), 4);
  const column = rounds(b, addModulo(b, b.iota("int64", [1, columns]), b.scalar(key, constants[5]!)), 4);
  const mixed = cube(b, addModulo(b, row, column));
  const dropped = b.less(mixed, b.scalar(mixed, Math.floor(ratio * prime)));
  return b.reshape(b.cast(b.not(dropped), "float32"), dims);
}

function rounds(b: Build, x: Value, count: number): Value {
  let mixed = x;
  for (let i = 0; i < count; i++) mixed = cube(b, addModulo(b, mixed, b.scalar(x, constants[i]!)));
  return mixed;
}

const modulo = (b: Build, x: Value): Value => b.one("Mod", [x, b.scalar(x, prime)]);
const addModulo = (b: Build, x: Value, y: Value): Value => modulo(b, b.add(x, y));
const cube = (b: Build, x: Value): Value => modulo(b, b.mul(modulo(b, b.mul(x, x)), x));
