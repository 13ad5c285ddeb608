/** What the call weighs; `npm run weights` measures it beside a transfer. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const spendLocal: Weight = withDb(weight(43_000_000n, 280n), 3n, 3n);
