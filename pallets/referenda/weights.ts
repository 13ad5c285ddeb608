/** What the calls and the hook weigh; `npm run weights` measures them beside a transfer. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const propose = (bytes: number): Weight =>
  addWeight(withDb(weight(80_000_000n, 6_000n), 6n, 6n), mulWeight(weight(1_500n), BigInt(bytes)));
/** With a vote on each referendum that may be open. */
export const vote: Weight = withDb(weight(150_000_000n, 6_000n), 22n, 4n);
export const cancel: Weight = withDb(weight(60_000_000n, 6_000n), 4n, 5n);
export const setParameter: Weight = withDb(weight(15_000_000n, 3_600n), 1n, 1n);

/** Without any open referendum. */
export const idle: Weight = withDb(weight(2_000_000n, 1_500n), 1n, 0n);
const perOpen: Weight = withDb(weight(80_000_000n, 6_000n), 6n, 6n);
const perReleased: Weight = withDb(weight(150_000_000n, 6_000n), 22n, 4n);
/** Looks after so many open referenda, and releases so many votes. */
export const attend = (open: number, released: number): Weight =>
  addWeight(idle, addWeight(mulWeight(perOpen, BigInt(open)), mulWeight(perReleased, BigInt(released))));
/** Besides the proposal's own. */
export const enact: Weight = withDb(weight(30_000_000n, 3_600n), 2n, 2n);
