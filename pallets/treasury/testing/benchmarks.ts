import { rootOrigin } from "../../../runtime/frame/origin.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { treasuryAccount } from "../../../runtime/primitives/account.ts";
import { mint } from "../../balances/index.ts";

const amount = 1_000_000_000_000n;

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "spendLocal",
    // The award brings an account into being.
    prepare(ctx) {
      mint(ctx, treasuryAccount, 10n * amount);
      const beneficiary = { type: "Id", value: new Uint8Array(32).fill(1) };
      return dispatching(
        { type: "Treasury", value: { type: "spend_local", value: { amount, beneficiary } } },
        rootOrigin,
      );
    },
  },
];
