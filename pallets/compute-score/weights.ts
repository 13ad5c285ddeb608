/** What the functions for other pallets weigh: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** Three powers of two; reads the time and a score, writes the score. */
export const creditWeight: Weight = withDb(weight(470_000_000n, 200n), 1n, 1n);
/** Two powers of two; reads a score. */
export const weightOfWeight: Weight = withDb(weight(220_000_000n, 200n), 1n, 0n);
/** Dates the scores of one trainer of genesis. */
export const startWeight: Weight = withDb(weight(64_000_000n, 200n), 1n, 1n);
