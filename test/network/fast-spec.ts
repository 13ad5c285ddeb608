import { decodeAddress } from "@polkadot/util-crypto/address";
import type { ChainSpec } from "../../chain-spec/chain-spec.ts";
import { localSpec, startingScore, testAccounts } from "../../chain-spec/presets.ts";
import { testTrainers } from "../../chain-spec/test-trainers.ts";

export interface FastTerms {
  readonly slotMs: number;
  readonly epochLength: number;
  /** What each genesis trainer computes, as multiples of a test trainer's usual score. */
  readonly compute: readonly number[];
}

/** The local chain with short slots and epochs, and trainers of these strengths. */
export function fastSpec({ slotMs, epochLength, compute }: FastTerms): ChainSpec {
  const spec = localSpec(compute.length);
  if (spec.genesis.type !== "config") throw new Error("the local chain has a configuration");
  const scores = compute.map((strength, index) => {
    const effective = BigInt(strength) * startingScore;
    return {
      trainer: decodeAddress(testAccounts[testTrainers[index]!.uri]),
      drilling: effective,
      training: effective,
    };
  });
  return {
    ...spec,
    id: "fast_local",
    genesis: {
      type: "config",
      config: {
        ...spec.genesis.config,
        Timestamp: { minimumPeriod: BigInt(slotMs) / 2n },
        Poh: { epochLength: BigInt(epochLength) },
        ComputeScore: { scores },
      },
    },
  };
}
