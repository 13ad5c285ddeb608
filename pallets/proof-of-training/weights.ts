/** What calls and hooks weigh: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

const small = 5_000n;
const proof = 30_000n;

export const start: Weight = withDb(weight(150_000_000n, small), 6n, 5n);
export const anchor: Weight = withDb(weight(200_000_000n, proof), 6n, 5n);
export const submitProof: Weight = withDb(weight(200_000_000n, proof), 6n, 6n);
export const commitVerdict: Weight = withDb(weight(200_000_000n, proof), 4n, 5n);
/** The last verdict of an appeal settles the order and up to nineteen seats. */
export const revealVerdict: Weight = withDb(weight(6_000_000_000n, 200_000n), 110n, 100n);
/** Reads the authorities of the epoch. */
export const appeal: Weight = withDb(weight(1_500_000_000n, 120_000n), 10n, 8n);
export const releaseValidation: Weight = withDb(weight(120_000_000n, proof), 3n, 1n);
export const releaseKey: Weight = withDb(weight(80_000_000n, proof), 3n, 0n);
/** The hook without anything due. */
export const nothingDue: Weight = withDb(weight(20_000_000n, 1_500n), 2n, 1n);
/** One inspection moved on: a draw among all trainers, or the settlement of all seats. */
export const oneDue: Weight = withDb(weight(6_000_000_000n, 200_000n), 110n, 100n);
