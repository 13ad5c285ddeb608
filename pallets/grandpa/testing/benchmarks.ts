import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { mint } from "../../balances/index.ts";
import { trainerStaking } from "../../trainer-staking/index.ts";
import { enter } from "../../trainer-staking/registration.ts";
import { constants, setAuthorities, setId } from "../index.ts";
import { doubleVote, voterKey } from "./double-vote.ts";

const bond = 500_000_000_000_000n;
const numbered = (number: number) => new Uint8Array(32).fill(number % 256).fill(number >> 8, 16);
const reporter = numbered(1);

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "reportEquivocation",
    // The last of as many voters as there can be; with the punishment, which follows at the end of the block.
    prepare(ctx) {
      const pair = voterKey("//Benchmark");
      const others = Array.from({ length: constants.MaxAuthorities - 1 }, (_, i) => numbered(i));
      for (const who of [reporter, pair.publicKey]) mint(ctx, who, 10n * bond);
      enter(ctx, pair.publicKey, bond, { poh: pair.publicKey, gran: pair.publicKey });
      const keys = [...others, pair.publicKey];
      setAuthorities(
        ctx,
        keys.map((key) => ({ trainer: key, key, weight: 1n })),
      );
      const equivocation_proof = doubleVote(pair, { setId: setId(ctx) });
      const value = { type: "report_equivocation", value: { equivocation_proof } };
      const report = dispatching({ type: "Grandpa", value }, signedOrigin(reporter));
      return (run) => {
        report(run);
        trainerStaking.onFinalize?.(run, 1);
      };
    },
  },
];
