import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the timestamp pallet's parts. */
export const docs: Docs = {
  pallet: "The time of the block, set once in each by its author.",
  storage: {
    Now: "The block's time, in milliseconds since 1970.",
    DidUpdate: "Whether the time has been set in this block.",
  },
  constants: {
    MinimumPeriod: "The least time between blocks, half of a slot, in milliseconds.",
  },
};
