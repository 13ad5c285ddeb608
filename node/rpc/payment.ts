/** `payment_*`: what an extrinsic would cost; its signature is not looked at. */
import { feeDetails, runtimeDispatchInfo } from "../../pallets/transaction-payment/index.ts";
import { concatBytes } from "../../runtime/primitives/bytes.ts";
import { decode } from "../../runtime/primitives/codec.ts";
import { RpcError } from "./server/error.ts";
import { call, type Methods } from "./server/method.ts";
import { hex, optional } from "./server/params.ts";
import type { Services } from "./services.ts";
import { callOn, stateAt } from "./states.ts";
import { hash } from "./wire.ts";

export function paymentMethods({ chain, runtime }: Pick<Services, "chain" | "runtime">): Methods {
  const params = { extrinsic: hex, at: optional(hash) };
  /** The APIs take the extrinsic and its length as u32. */
  const ask = (method: string, extrinsic: Uint8Array, at: `0x${string}` | undefined, failure: string) => {
    const state = stateAt(chain, at);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, extrinsic.length, true);
    try {
      return callOn(runtime, state, method, concatBytes(extrinsic, length));
    } catch (error) {
      throw new RpcError(1, failure, (error as Error).message);
    }
  };

  return {
    payment_queryInfo: call(params, ({ extrinsic, at }) => {
      const failure = "Unable to query dispatch info.";
      const info = decode(
        runtimeDispatchInfo,
        ask("TransactionPaymentApi_query_info", extrinsic, at, failure),
      );
      const { ref_time, proof_size } = info.weight;
      return {
        weight: { ref_time: Number(ref_time), proof_size: Number(proof_size) },
        class: info.class.toLowerCase(),
        partialFee: info.partial_fee.toString(),
      };
    }),

    payment_queryFeeDetails: call(params, ({ extrinsic, at }) => {
      const failure = "Unable to query fee details.";
      const details = decode(
        feeDetails,
        ask("TransactionPaymentApi_query_fee_details", extrinsic, at, failure),
      );
      const fee = details.inclusion_fee;
      if (fee === undefined) return { inclusionFee: null };
      return {
        inclusionFee: {
          baseFee: hexNumber(fee.base_fee),
          lenFee: hexNumber(fee.len_fee),
          adjustedWeightFee: hexNumber(fee.adjusted_weight_fee),
        },
      };
    }),
  };
}

const hexNumber = (value: bigint) => `0x${value.toString(16)}`;
