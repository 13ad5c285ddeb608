/** What the calls and the hook weigh; `npm run weights` measures them beside a transfer. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const propose = (bytes: number): Weight =>
  addWeight(withDb(weight(240_000_000n, 510n), 5n, 6n), mulWeight(weight(13_000n), BigInt(bytes)));
/** With a vote on each referendum that may be open. */
export const vote: Weight = withDb(weight(430_000_000n, 2_700n), 21n, 4n);
export const cancel: Weight = withDb(weight(130_000_000n, 590n), 4n, 4n);
export const setParameter: Weight = withDb(weight(12_000_000n, 16n), 1n, 1n);

/** Without any open referendum. */
export const idle: Weight = withDb(weight(560_000n, 32n), 1n, 0n);
const perOpen: Weight = withDb(weight(160_000_000n, 160n), 2n, 3n);
const perReleased: Weight = withDb(weight(860_000_000n, 2_100n), 17n, 1n);
/** Looks after so many open referenda, and releases so many votes. */
export const attend = (open: number, released: number): Weight =>
  addWeight(idle, addWeight(mulWeight(perOpen, BigInt(open)), mulWeight(perReleased, BigInt(released))));
/** Besides the proposal's own. */
export const enact: Weight = withDb(weight(30_000_000n, 3_600n), 2n, 2n);
