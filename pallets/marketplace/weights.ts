/** What calls and hooks weigh: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const makeOffer: Weight = withDb(weight(66_000_000n, 550n), 7n, 1n);
export const cancelOffer: Weight = withDb(weight(37_000_000n, 120n), 1n, 1n);
/** Counts the trainers that could inspect. */
export const placeOrder: Weight = withDb(weight(3_500_000_000n, 82_000n), 16n, 6n);
export const bid: Weight = withDb(weight(750_000_000n, 2_600n), 14n, 3n);
export const withdrawBid: Weight = withDb(weight(220_000_000n, 1_900n), 4n, 3n);
/** Returns the bonds of the other bids. */
export const takeBid: Weight = withDb(weight(1_800_000_000n, 5_400n), 37n, 28n);
export const acceptOrder: Weight = withDb(weight(450_000_000n, 2_100n), 17n, 9n);
export const declineOrder: Weight = withDb(weight(430_000_000n, 1_400n), 9n, 8n);
/** As `takeBid`, where there are bids. */
export const cancelOrder: Weight = withDb(weight(2_100_000_000n, 4_900n), 29n, 29n);
/** The hook without anything due. */
export const nothingDue: Weight = withDb(weight(33_000_000n, 160n), 2n, 1n);
/** One deadline, with all bids to return. */
export const oneDue: Weight = withDb(weight(1_300_000_000n, 2_100n), 9n, 9n);
