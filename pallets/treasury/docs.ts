import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the treasury pallet's parts. */
export const docs: Docs = {
  pallet: "What the chain owns: shares of new tokens and of penalties, spent by vote alone.",
  storage: { SpendCount: "How many spends there have been; the next has this number." },
  events: { Awarded: "The treasury paid an award; so much was left." },
  constants: {
    PalletId: "From which the treasury's account is derived.",
    pot_account: "The treasury's account.",
  },
};
