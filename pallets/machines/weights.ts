/** What the calls and the hook weigh: our measurements, rounded up, and the storage's own weight. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const addMachine = (metadataBytes: number): Weight =>
  addWeight(withDb(weight(250_000_000n, 6_700n), 42n, 8n), mulWeight(weight(0n), BigInt(metadataBytes)));
/** With the bonds of all other machines. */
export const removeMachine: Weight = withDb(weight(650_000_000n, 6_800n), 39n, 10n);
export const heartbeat: Weight = withDb(weight(140_000_000n, 340n), 5n, 1n);
export const commitChallenge: Weight = withDb(weight(270_000_000n, 300n), 2n, 3n);
/** Eight entries of a side of 32,768, their paths, the chain of seeds, and a slash. */
export const answerChallenge = (roots: number): Weight =>
  addWeight(withDb(weight(4_900_000_000n, 1_100n), 8n, 8n), mulWeight(weight(15_000_000n), BigInt(roots)));

/** Every block: its own numbers, and the beginning of the agenda. */
export const perBlock: Weight = withDb(weight(23_000_000n, 290n), 8n, 2n);
/** Each challenge moved on. */
export const perDue: Weight = withDb(weight(210_000_000n, 360n), 4n, 2n);
/** Each draw among all machines. */
export const perDraw: Weight = withDb(weight(87_000_000n, 470n), 7n, 2n);
/** Each machine looked at. */
export const perSwept: Weight = withDb(weight(46_000_000n, 240n), 2n, 1n);
