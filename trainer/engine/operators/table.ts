/** The operators that a stranger's model may have: the allow-list. */
import { constants } from "./constant.ts";
import { elementwise } from "./elementwise.ts";
import { integers } from "./integer.ts";
import { moves } from "./move.ts";
import { normalisations } from "./normalise.ts";
import type { Operators } from "./operator.ts";
import { pools } from "./pool.ts";
import { products } from "./product.ts";
import { reductions } from "./reduce.ts";

export const operators: Operators = {
  ...elementwise,
  ...constants,
  ...moves,
  ...products,
  ...pools,
  ...reductions,
  ...normalisations,
  ...integers,
};
