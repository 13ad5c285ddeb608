/** What the calls and the hook weigh: our measurements, rounded up, and the storage's own weight. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { creditWeight, weightOfWeight } from "../compute-score/index.ts";
import { withDb } from "../system/index.ts";

const times = (each: Weight, count: number): Weight => mulWeight(each, BigInt(count));

export const registerProject: Weight = withDb(weight(80_000_000n, 4_000n), 4n, 5n);
export const publishTask = (canaries: number): Weight =>
  addWeight(
    withDb(weight(200_000_000n, 8_000n), 9n, 11n),
    times(withDb(weight(10_000_000n), 0n, 1n), canaries),
  );
export const voteTask: Weight = addWeight(withDb(weight(50_000_000n, 5_000n), 4n, 2n), weightOfWeight);
export const requestWork: Weight = addWeight(withDb(weight(60_000_000n, 80_000n), 8n, 3n), weightOfWeight);
export const commitResult: Weight = withDb(weight(100_000_000n, 5_000n), 4n, 4n);
export const reveal: Weight = withDb(weight(100_000_000n, 5_000n), 3n, 2n);
/** A whole round of seven agrees, and three rounds before it are settled. */
export const lastReveal: Weight = addWeight(
  reveal,
  addWeight(times(perAgreeing(), 8), times(withDb(weight(150_000_000n, 4_000n), 6n, 5n), 28)),
);
export const openCanary: Weight = withDb(weight(600_000_000n, 30_000n), 20n, 25n);
export const closeTask: Weight = withDb(weight(150_000_000n, 6_000n), 6n, 9n);
export const closeProject: Weight = withDb(weight(70_000_000n, 4_000n), 3n, 3n);
export const setPreferences: Weight = withDb(weight(30_000_000n, 4_000n), 2n, 1n);

/** Every block: the beginnings of lists. */
export const perBlock: Weight = withDb(weight(20_000_000n, 4_000n), 6n, 1n);
/** Each vote or unit moved on, in most cases one that agreed long ago or that waits for others. */
export const perDue: Weight = withDb(weight(600_000_000n, 30_000n), 25n, 25n);
/** Each quorum formed. */
export const perQuorum: Weight = withDb(weight(400_000_000n, 10_000n), 20n, 15n);
/** Each place drawn, with a look at who it is. */
export const perDraw: Weight = withDb(weight(60_000_000n, 4_000n), 6n, 0n);
/** Each leftover deleted. */
export const perSwept: Weight = withDb(weight(5_000_000n, 100n), 1n, 1n);

/** A member's credit, reward and bond. */
function perAgreeing(): Weight {
  return addWeight(creditWeight, withDb(weight(200_000_000n, 6_000n), 8n, 7n));
}
