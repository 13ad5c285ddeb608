import {
  feeDetails,
  lengthToFee,
  queryFeeDetails,
  queryInfo,
  runtimeDispatchInfo,
  weightToFee,
} from "../../pallets/transaction-payment/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import { decodeOpaque } from "../check-extrinsic.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { runtimeCall } from "../frame/runtime-call.ts";
import { runtime } from "../index.ts";
import { u32, u128 } from "../primitives/codec-number.ts";
import { weightCodec } from "../primitives/weight.ts";
import { opaqueExtrinsic } from "./wire.ts";

const conversions = {
  query_weight_to_fee: method("The fee for a weight.", { weight: weightCodec }, u128, (_, { weight }) =>
    weightToFee(weight),
  ),
  query_length_to_fee: method("The fee for so many bytes.", { length: u32 }, u128, (_, { length }) =>
    lengthToFee(length),
  ),
};

const ofExtrinsic = { uxt: opaqueExtrinsic, len: u32 };
const ofCall = { call: runtimeCall, len: u32 };

/** Signatures are not looked at: clients ask with a made-up one. */
export const transactionPaymentApi = runtimeApi(
  "TransactionPaymentApi",
  apiVersionOf.TransactionPaymentApi,
  "What an extrinsic would cost.",
  {
    query_info: method("Weight and fee.", ofExtrinsic, runtimeDispatchInfo, (ctx, { uxt, len }) => {
      const { call, preamble } = decodeOpaque(uxt);
      return queryInfo(ctx, runtime.dispatchInfo(call), len, preamble.type === "Bare");
    }),
    query_fee_details: method("The parts of the fee.", ofExtrinsic, feeDetails, (ctx, { uxt, len }) => {
      const { call, preamble } = decodeOpaque(uxt);
      return queryFeeDetails(ctx, runtime.dispatchInfo(call), len, preamble.type === "Bare");
    }),
    ...conversions,
  },
);

export const transactionPaymentCallApi = runtimeApi(
  "TransactionPaymentCallApi",
  apiVersionOf.TransactionPaymentCallApi,
  "What a call would cost as a transaction of the given length.",
  {
    query_call_info: method("Weight and fee.", ofCall, runtimeDispatchInfo, (ctx, { call, len }) =>
      queryInfo(ctx, runtime.dispatchInfo(call), len),
    ),
    query_call_fee_details: method("The parts of the fee.", ofCall, feeDetails, (ctx, { call, len }) =>
      queryFeeDetails(ctx, runtime.dispatchInfo(call), len),
    ),
    ...conversions,
  },
);
