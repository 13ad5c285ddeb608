/** What the calls weigh: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** Two ed25519 signatures, the members of a set, and the punishment at the end of the block. */
export const reportEquivocation: Weight = withDb(weight(4_000_000_000n, 150_000n), 12n, 12n);
