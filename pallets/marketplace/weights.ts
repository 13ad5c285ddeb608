/** What calls and hooks weigh: our measurements, rounded up, and the storage's own weight. */
import { type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

const small = 5_000n;

export const makeOffer: Weight = withDb(weight(60_000_000n, small), 4n, 1n);
export const cancelOffer: Weight = withDb(weight(40_000_000n, small), 2n, 1n);
/** Counts the trainers that could inspect. */
export const placeOrder: Weight = withDb(weight(1_500_000_000n, 100_000n), 14n, 8n);
export const bid: Weight = withDb(weight(300_000_000n, 20_000n), 14n, 4n);
export const withdrawBid: Weight = withDb(weight(150_000_000n, small), 5n, 4n);
/** Returns the bonds of the other bids. */
export const takeBid: Weight = withDb(weight(1_200_000_000n, 20_000n), 40n, 30n);
export const acceptOrder: Weight = withDb(weight(300_000_000n, 20_000n), 14n, 9n);
export const declineOrder: Weight = withDb(weight(250_000_000n, small), 10n, 9n);
/** As `takeBid`, where there are bids. */
export const cancelOrder: Weight = withDb(weight(1_200_000_000n, 20_000n), 40n, 30n);
/** The hook without anything due. */
export const nothingDue: Weight = withDb(weight(20_000_000n, 1_500n), 2n, 0n);
/** One deadline, with all bids to return. */
export const oneDue: Weight = withDb(weight(600_000_000n, 20_000n), 20n, 14n);
