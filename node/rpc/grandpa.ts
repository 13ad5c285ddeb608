/** `grandpa_*`: who votes on finality, proofs of it, and word of new ones. Names, shapes and errors as in polkadot-sdk. */
import { encodeAddress } from "@polkadot/util-crypto/address";
import { toHex } from "../../runtime/primitives/bytes.ts";
import type { Finality, RoundReport, VotesReport } from "../finality/types.ts";
import { FanOut } from "./fan-out.ts";
import { RpcError } from "./server/error.ts";
import { call, type Methods, subscription } from "./server/method.ts";
import { blockNumber } from "./wire.ts";

/** What the methods need of finality. */
export type FinalityReader = Pick<Finality, "roundState" | "onJustification" | "proveFinality">;

const notReady = () => new RpcError(1, "GRANDPA RPC endpoint not ready");
const tooLarge = () =>
  new RpcError(3, "Voter state reports total votes or total weights larger than u32::MAX");
const notFinal = () => new RpcError(4, "Prove finality rpc failed: Block not yet finalized");

/** Clients write keys of voters as addresses of no network in particular. */
const anyNetwork = 42;

export function grandpaMethods(finality: FinalityReader): Methods {
  const justifications = new FanOut((send) =>
    finality.onJustification(({ justification }) => send(toHex(justification))),
  );
  return {
    grandpa_roundState: call({}, () => {
      const report = finality.roundState();
      if (!report) throw notReady();
      return {
        setId: small(report.setId),
        best: roundToJson(report.best),
        background: report.background.map(roundToJson),
      };
    }),

    grandpa_proveFinality: call({ block: blockNumber }, ({ block }) => {
      const answer = finality.proveFinality(block);
      if (answer.type === "notFinal") throw notFinal();
      return answer.type === "proof" ? toHex(answer.proof) : null;
    }),

    ...subscription(
      {
        subscribe: ["grandpa_subscribeJustifications"],
        unsubscribe: ["grandpa_unsubscribeJustifications"],
        notification: "grandpa_justifications",
      },
      {},
      () => (sink) => justifications.add(sink),
    ),
  };
}

const roundToJson = ({ round, totalWeight, thresholdWeight, prevotes, precommits }: RoundReport) => ({
  round: small(round),
  totalWeight: small(totalWeight),
  thresholdWeight: small(thresholdWeight),
  prevotes: votesToJson(prevotes),
  precommits: votesToJson(precommits),
});

const votesToJson = ({ weight, missing }: VotesReport) => ({
  currentWeight: small(weight),
  missing: missing.map((key) => encodeAddress(key, anyNetwork)),
});

/** Clients read these as 32-bit integers. */
function small(value: bigint): number {
  if (value >= 2n ** 32n) throw tooLarge();
  return Number(value);
}
