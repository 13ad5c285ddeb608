/** What the pallet weighs: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** Reads a list of at most 1,000 authorities, and adds one output to what is gathered. */
export const beginSlot: Weight = withDb(weight(1_600_000_000n, 89_000n), 8n, 4n);
/** Moves four lists, hashes 4,800 outputs, and looks through the history. */
export const enterEpoch: Weight = withDb(weight(20_000_000_000n, 3_900_000n), 70n, 31n);
/** Two signatures and a list. */
export const reportEquivocation: Weight = withDb(weight(11_000_000_000n, 81_000n), 6n, 2n);
