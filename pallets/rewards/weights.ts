/** What the call and the hook weigh; `npm run weights` measures them beside a transfer. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** With as many buckets as an account can have. */
export const claimVested: Weight = withDb(weight(780_000_000n, 4_200n), 34n, 5n);
/** Mints and holds for three accounts. */
export const rewardBlock: Weight = withDb(weight(1_300_000_000n, 4_500n), 38n, 8n);
/** An epoch's first block: the reward is computed anew, and the author's old buckets are looked at. */
export const beginEpoch: Weight = withDb(weight(27_000_000n, 480n), 10n, 3n);
const collect: Weight = withDb(weight(60_000_000n, 190n), 3n, 3n);
const pay: Weight = withDb(weight(350_000_000n, 840n), 9n, 6n);

/** Collects the work of so many trainers, and pays so many for a round. */
export const drillingRound = (collected: number, paid: number): Weight =>
  addWeight(mulWeight(collect, BigInt(collected)), mulWeight(pay, BigInt(paid)));
