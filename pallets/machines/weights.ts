/** What the calls and the hook weigh: our measurements, rounded up, and the storage's own weight. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const addMachine = (metadataBytes: number): Weight =>
  addWeight(withDb(weight(120_000_000n, 8_000n), 8n, 8n), mulWeight(weight(20_000n), BigInt(metadataBytes)));
/** With the bonds of all other machines. */
export const removeMachine: Weight = withDb(weight(150_000_000n, 8_000n), 40n, 9n);
export const heartbeat: Weight = withDb(weight(80_000_000n, 4_000n), 5n, 4n);
export const commitChallenge: Weight = withDb(weight(70_000_000n, 4_000n), 5n, 4n);
/** Eight entries of a side of 32,768, their paths, the chain of seeds, and a slash. */
export const answerChallenge = (roots: number): Weight =>
  addWeight(withDb(weight(4_000_000_000n, 10_000n), 10n, 9n), mulWeight(weight(2_000_000n), BigInt(roots)));

/** Every block: its own numbers, and the beginning of the agenda. */
export const perBlock: Weight = withDb(weight(20_000_000n, 3_000n), 8n, 2n);
/** Each challenge moved on. */
export const perDue: Weight = withDb(weight(120_000_000n, 4_000n), 6n, 5n);
/** Each draw among all machines. */
export const perDraw: Weight = withDb(weight(60_000_000n, 4_000n), 4n, 2n);
/** Each machine looked at. */
export const perSwept: Weight = withDb(weight(20_000_000n, 4_000n), 2n, 1n);
