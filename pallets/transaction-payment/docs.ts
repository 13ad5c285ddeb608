import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the transaction payment pallet's parts. */
export const docs: Docs = {
  pallet: "Fees: what transactions cost, who pays and who is paid, and how the price follows demand.",
  storage: {
    NextFeeMultiplier: "What weight fees are multiplied by in the next block, in units of 10^-18.",
    StorageVersion: "The layout of this pallet's storage.",
  },
  events: {
    TransactionFeePaid: "A fee was paid, of which `tip` was given freely.",
  },
  constants: {
    OperationalFeeMultiplier:
      "An operational transaction has priority as if it tipped its fee this many times.",
  },
};
