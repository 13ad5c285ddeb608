/** Every operator the engine computes with: one row each. */
import { convolutions } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { integers } from "./integer.ts";
import { moves } from "./move.ts";
import { normalisations } from "./normalise.ts";
import { picks } from "./pick.ts";
import { pools } from "./pool.ts";
import { products } from "./product.ts";
import { quantisations } from "./quantise.ts";
import { reductions } from "./reduce.ts";
import type { Rows } from "./row.ts";

export const rows: Rows = {
  ...elementwise,
  ...reductions,
  ...moves,
  ...picks,
  ...inTheRun(products),
  ...inTheRun(convolutions),
  ...inTheRun(pools),
  ...inTheRun(normalisations),
  ...inTheRun(integers),
  ...inTheRun(quantisations),
};

/** Their cost is no matter of size alone. */
function inTheRun(family: Rows): Rows {
  return Object.fromEntries(Object.entries(family).map(([op, row]) => [op, { ...row, folds: false }]));
}
