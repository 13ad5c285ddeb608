import { constant } from "../../runtime/frame/constant.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { value } from "../../runtime/frame/storage-item.ts";
import { accountId, treasuryAccount } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { newtype } from "../../runtime/primitives/codec-struct.ts";
import { docs } from "./docs.ts";

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T, I>");
const palletId = newtype("frame_support::PalletId", fixedBytes(8), "[u8; 8]");

const self = schema("Treasury", {
  docs,
  storage: { SpendCount: value(u32, 0) },
  events: {
    Awarded: {
      proposal_index: alias(u32, "ProposalIndex"),
      award: amount,
      account,
      remaining: amount,
    },
  },
  errors: {
    ZeroAmount: "An award is more than nothing.",
    InsufficientFunds: "The treasury does not have this much, besides what keeps its account.",
    OwnAccount: "The treasury does not pay itself.",
  },
  constants: {
    // The account without `modl` and zeros.
    PalletId: constant(palletId, treasuryAccount.slice(4, 12)),
    pot_account: constant(accountId, treasuryAccount),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;
