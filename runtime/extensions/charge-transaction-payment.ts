import {
  canWithdrawFee,
  computeActualFee,
  computeFee,
  settleFee,
  transactionPriority,
  withdrawFee,
} from "../../pallets/transaction-payment/index.ts";
import { alias } from "../primitives/codec.ts";
import { compact } from "../primitives/codec-compact.ts";
import { u128 } from "../primitives/codec-number.ts";
import { unit } from "../primitives/codec-struct.ts";
import { invalid } from "../primitives/validity.ts";
import { type Extension, sends } from "./extension.ts";

/** The fee is taken before the call, what the call did not use is given back after it. The value sent is the tip. */
export const chargeTransactionPayment: Extension<bigint, undefined, Paid> = {
  identifier: "ChargeTransactionPayment",
  extra: sends(
    "pallet_transaction_payment::ChargeTransactionPayment",
    compact(alias(u128, "BalanceOf<T>")),
    "BalanceOf<T>",
  ),
  implicit: unit,
  validate(ctx, tip, { who, info, length }) {
    const fee = computeFee(ctx, length, info, tip);
    if (!canWithdrawFee(ctx, who, fee)) throw invalid({ type: "Payment" });
    return { priority: transactionPriority(info, length, tip, fee) };
  },
  prepare(ctx, tip, { who, info, length }) {
    const fee = computeFee(ctx, length, info, tip);
    if (!withdrawFee(ctx, who, fee)) throw invalid({ type: "Payment" });
    return { fee, tip };
  },
  postDispatch(ctx, { fee, tip }, { who, info, length }, post) {
    settleFee(ctx, who, fee, computeActualFee(ctx, length, info, post, tip), tip);
  },
};

interface Paid {
  readonly fee: bigint;
  readonly tip: bigint;
}
