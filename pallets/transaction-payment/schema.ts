import { constant } from "../../runtime/frame/constant.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { value } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u8, u128 } from "../../runtime/primitives/codec-number.ts";
import { newtype } from "../../runtime/primitives/codec-struct.ts";
import { unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { fixedOne } from "../../runtime/primitives/fixed.ts";
import { docs } from "./docs.ts";

export const multiplierCodec = newtype("sp_arithmetic::fixed_point::FixedU128", u128, "u128");
const balanceOf = alias(u128, "BalanceOf<T>");

const self = schema("TransactionPayment", {
  docs,
  storage: {
    NextFeeMultiplier: value(multiplierCodec, fixedOne),
    StorageVersion: value(unitEnum("pallet_transaction_payment::Releases", ["V1Ancient", "V2"]), "V1Ancient"),
  },
  events: {
    TransactionFeePaid: { who: alias(accountId, "T::AccountId"), actual_fee: balanceOf, tip: balanceOf },
  },
  constants: {
    /** An operational transaction counts as if it tipped this many times its fee. */
    OperationalFeeMultiplier: constant(u8, 5),
  },
});
export const { storage, events, constants } = self;
export const declaration = self;
