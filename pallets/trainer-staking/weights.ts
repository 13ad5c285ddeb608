/** What the calls weigh: our measurements, rounded up, and the storage's own weight. */
import { addWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { weightOfWeight } from "../compute-score/index.ts";
import { withDb } from "../system/index.ts";

/** Checks a signature of each scheme; the account, its holds, the trainer, the counter and two keys. */
export const register: Weight = withDb(weight(3_200_000_000n, 10_000n), 8n, 8n);
export const setKeys: Weight = withDb(weight(3_100_000_000n, 8_000n), 4n, 6n);
export const bondExtra: Weight = withDb(weight(110_000_000n, 7_000n), 4n, 4n);
export const unbond: Weight = withDb(weight(80_000_000n, 5_000n), 6n, 3n);
export const withdrawUnbonded: Weight = withDb(weight(110_000_000n, 7_000n), 5n, 4n);
export const chill: Weight = withDb(weight(30_000_000n, 3_700n), 1n, 1n);
export const resume: Weight = withDb(weight(35_000_000n, 3_700n), 2n, 1n);
export const deregister: Weight = withDb(weight(110_000_000n, 8_000n), 5n, 6n);

/** Looks for the beginning of an epoch, and for offences at the end of the block. */
export const perBlock: Weight = withDb(weight(5_000_000n, 3_000n), 3n, 0n);
/** For each trainer when an epoch begins: its score, and its places in the lists. */
export const planWeight: Weight = addWeight(withDb(weight(40_000_000n, 3_700n), 1n, 0n), weightOfWeight);
