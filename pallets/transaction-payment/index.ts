/** Fees: what transactions cost, who pays and who is paid, and how the price follows demand. */
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { fixedOne } from "../../runtime/primitives/fixed.ts";
import { ofClass, storage as system, constants as systemConstants } from "../system/index.ts";
import { nextMultiplier } from "./multiplier.ts";
import { declaration, multiplierCodec, storage } from "./schema.ts";

export * from "./fee.ts";
export { nextMultiplier } from "./multiplier.ts";
export * from "./payment.ts";
export { transactionPriority } from "./priority.ts";
export { constants, events, storage } from "./schema.ts";

export const transactionPayment = pallet(declaration, {
  calls: {},
  onFinalize(ctx) {
    const { normal } = systemConstants.BlockWeights.per_class;
    const max = normal.max_total ?? systemConstants.BlockWeights.max_block;
    const used = ofClass(system.BlockWeight.get(ctx), "Normal");
    storage.NextFeeMultiplier.mutate(ctx, (previous) => nextMultiplier(previous, used, max));
  },
  genesis: genesis({ multiplier: multiplierCodec }, { multiplier: fixedOne }, (ctx, { multiplier }) => {
    storage.NextFeeMultiplier.set(ctx, multiplier);
    storage.StorageVersion.set(ctx, "V2");
  }),
});
