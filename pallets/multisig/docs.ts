import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the multisig pallet's parts. */
export const docs: Docs = {
  pallet: "Joint accounts: calls that some of a group of signatories must approve before they are made.",
  storage: { Multisigs: "Operations under way, by joint account and hash of the call." },
  events: {
    NewMultisig: "Somebody opened an operation with the first approval.",
    MultisigApproval: "Somebody approved an operation.",
    MultisigExecuted: "The last approval was given and the call made.",
    MultisigCancelled: "An operation was given up.",
    DepositPoked: "The deposit of an operation was brought to what one costs now.",
  },
  constants: {
    DepositBase: "What every operation takes as a deposit, returned at its end.",
    DepositFactor: "What an operation takes besides for each approval that it needs.",
    MaxSignatories: "How many signatories a joint account may have.",
  },
};
