import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the utility pallet's parts. */
export const docs: Docs = {
  pallet: "Calls that hold calls: batches, derived accounts, other origins.",
  events: {
    BatchInterrupted: "A batch stopped at the call with this index, which failed.",
    BatchCompleted: "All calls of a batch were made.",
    BatchCompletedWithErrors: "All calls of a batch were made, of which some failed.",
    ItemCompleted: "A call of a batch succeeded.",
    ItemFailed: "A call of a batch failed.",
    DispatchedAs: "A call was made on behalf of another origin.",
    IfElseMainSuccess: "The main call succeeded.",
    IfElseFallbackCalled: "The main call failed, and the other one was made.",
  },
  constants: { batched_calls_limit: "How many calls a batch may hold." },
};
