/** What the calls weigh; `npm run weights` measures them beside a transfer. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** Checks a signature of each scheme; the account, its holds, the trainer, the counter and two keys. */
export const register: Weight = withDb(weight(5_300_000_000n, 580n), 7n, 6n);
export const setKeys: Weight = withDb(weight(6_700_000_000n, 370n), 3n, 5n);
export const bondExtra: Weight = withDb(weight(120_000_000n, 450n), 3n, 3n);
export const unbond: Weight = withDb(weight(120_000_000n, 1_300n), 8n, 2n);
export const withdrawUnbonded: Weight = withDb(weight(130_000_000n, 1_300n), 7n, 3n);
export const chill: Weight = withDb(weight(33_000_000n, 190n), 1n, 1n);
export const resume: Weight = withDb(weight(24_000_000n, 220n), 2n, 1n);
export const deregister: Weight = withDb(weight(180_000_000n, 1_300n), 8n, 6n);
/** Three doublings on the curve. */
export const setSealingKey: Weight = withDb(weight(90_000_000n, 190n), 1n, 1n);

/** Looks for the beginning of an epoch, and for offences at the end of the block. */
export const perBlock: Weight = withDb(weight(3_300_000n, 64n), 4n, 0n);
/** For each trainer when an epoch begins: its score, and its places in the lists. */
export const planWeight: Weight = withDb(weight(250_000_000n, 380n), 3n, 1n);
