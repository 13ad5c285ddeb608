/** What calls and hooks weigh: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const start: Weight = withDb(weight(320_000_000n, 920n), 3n, 4n);
export const anchor: Weight = withDb(weight(320_000_000n, 1_600n), 3n, 3n);
export const submitProof: Weight = withDb(weight(220_000_000n, 1_800n), 3n, 5n);
export const commitVerdict: Weight = withDb(weight(220_000_000n, 1_600n), 2n, 1n);
/** The last verdict of an appeal settles the order, up to nineteen seats, and removes the three keys of each. */
export const revealVerdict: Weight = withDb(weight(8_000_000_000n, 23_000n), 122n, 120n);
/** A verdict after which others are still to come. */
export const revealOne: Weight = withDb(weight(340_000_000n, 1_800n), 2n, 1n);
/** Reads the authorities of the epoch. */
export const appeal: Weight = withDb(weight(3_900_000_000n, 83_000n), 6n, 6n);
export const releaseValidation: Weight = withDb(weight(220_000_000n, 1_600n), 2n, 1n);
export const releaseKey: Weight = withDb(weight(250_000_000n, 1_700n), 3n, 1n);
/** The hook without anything due. */
export const nothingDue: Weight = withDb(weight(21_000_000n, 36n), 1n, 1n);
/** One inspection moved on: a draw among all trainers, or the settlement of all seats. */
export const oneDue: Weight = withDb(weight(6_800_000_000n, 90_000n), 124n, 121n);
