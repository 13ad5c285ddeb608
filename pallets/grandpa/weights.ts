/** What the calls weigh; `npm run weights` measures them beside a transfer. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** Two ed25519 signatures, the members of a set, and the punishment at the end of the block. */
export const reportEquivocation: Weight = withDb(weight(6_100_000_000n, 66_000n), 17n, 8n);
