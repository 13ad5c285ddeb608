import { call } from "../../runtime/frame/call.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { claimVested } from "./vesting.ts";
import * as weights from "./weights.ts";

export const calls = {
  claim_vested: call(0, {}, (ctx) => claimVested(ctx, signer(ctx)), {
    weight: weights.claimVested,
    docs: "Frees all of one's rewards that have vested since the last claim.",
  }),
};
