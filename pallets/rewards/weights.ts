/** What the call and the hook weigh; `npm run weights` measures them beside a transfer. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** With as many buckets as an account can have. */
export const claimVested: Weight = withDb(weight(400_000_000n, 6_000n), 36n, 3n);
/** Mints and holds for three accounts. */
export const rewardBlock: Weight = withDb(weight(300_000_000n, 6_000n), 14n, 9n);
/** An epoch's first block: the reward is computed anew, and the author's old buckets are looked at. */
export const beginEpoch: Weight = withDb(weight(200_000_000n, 6_000n), 42n, 5n);
const collect: Weight = withDb(weight(20_000_000n, 3_600n), 1n, 1n);
const pay: Weight = withDb(weight(250_000_000n, 6_000n), 10n, 7n);

/** Collects the work of so many trainers, and pays so many for a round. */
export const drillingRound = (collected: number, paid: number): Weight =>
  addWeight(mulWeight(collect, BigInt(collected)), mulWeight(pay, BigInt(paid)));
