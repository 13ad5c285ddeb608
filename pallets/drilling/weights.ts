/** What the calls and the hook weigh: our measurements, rounded up, and the storage's own weight. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const registerProject: Weight = withDb(weight(380_000_000n, 330n), 4n, 4n);
export const publishTask = (canaries: number): Weight =>
  addWeight(
    withDb(weight(370_000_000n, 540n), 9n, 8n),
    mulWeight(withDb(weight(11_000_000n), 0n, 1n), BigInt(canaries)),
  );
export const voteTask: Weight = withDb(weight(230_000_000n, 610n), 4n, 2n);
/** Or takes a request back, out of as many as may wait. */
export const requestWork: Weight = withDb(weight(330_000_000n, 68_000n), 12n, 3n);
export const commitResult: Weight = withDb(weight(460_000_000n, 1_100n), 2n, 2n);
/** With so many seats that are settled by the last one of a round. */
export const revealResult = (seats: number): Weight =>
  addWeight(
    withDb(weight(350_000_000n, 870n), 1n, 1n),
    mulWeight(withDb(weight(1_200_000_000n, 660n), 6n, 7n), BigInt(seats)),
  );
/** Of as many members as there may be. */
export const openCanary: Weight = withDb(weight(720_000_000n, 1_700n), 5n, 8n);
export const closeTask: Weight = withDb(weight(370_000_000n, 730n), 7n, 8n);
export const closeProject: Weight = withDb(weight(150_000_000n, 380n), 3n, 3n);
export const setPreferences: Weight = withDb(weight(75_000_000n, 380n), 6n, 1n);

/** Every block: the beginnings of lists. */
export const perBlock: Weight = withDb(weight(20_000_000n, 140n), 4n, 1n);
/** Each vote closed or unit moved on, besides its seats. */
export const perDue: Weight = withDb(weight(380_000_000n, 2_100n), 8n, 9n);
/** Each seat of a unit that was moved on. */
export const perSeat: Weight = withDb(weight(890_000_000n, 1_100n), 9n, 9n);
/** Each quorum formed, of as many members as there may be. */
export const perQuorum: Weight = withDb(weight(3_000_000_000n, 6_300n), 47n, 32n);
/** Each who waits while there is work: read, and passed by in a few draws. */
export const perAsker: Weight = weight(8_000_000n, 66n);
/** Each place drawn, with a look at who it is, and whether the request is to be dropped. */
export const perDraw: Weight = withDb(weight(100_000_000n, 4_000n), 6n, 1n);
/** Each leftover deleted. */
export const perSwept: Weight = withDb(weight(53_000_000n, 79n), 2n, 1n);
