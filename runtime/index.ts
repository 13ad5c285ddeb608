/**
 * The runtime: which pallets there are, with their indices on the wire. An index is signed with every call and
 * so never changes; adding a pallet is one line here.
 */
import { balances } from "../pallets/balances/index.ts";
import { computeScore } from "../pallets/compute-score/index.ts";
import { drilling } from "../pallets/drilling/index.ts";
import { grandpa } from "../pallets/grandpa/index.ts";
import { machines } from "../pallets/machines/index.ts";
import { marketplace } from "../pallets/marketplace/index.ts";
import { multisig } from "../pallets/multisig/index.ts";
import { poh } from "../pallets/poh/index.ts";
import { proofOfTraining } from "../pallets/proof-of-training/index.ts";
import { proxy } from "../pallets/proxy/index.ts";
import { referenda } from "../pallets/referenda/index.ts";
import { rewards } from "../pallets/rewards/index.ts";
import { sudo } from "../pallets/sudo/index.ts";
import { depositEvent, system } from "../pallets/system/index.ts";
import { timestamp } from "../pallets/timestamp/index.ts";
import { trainerStaking } from "../pallets/trainer-staking/index.ts";
import { transactionPayment } from "../pallets/transaction-payment/index.ts";
import { treasury } from "../pallets/treasury/index.ts";
import { utility } from "../pallets/utility/index.ts";
import { construct, type RuntimeCall as RuntimeCallOf } from "./frame/construct.ts";
import { version } from "./version.ts";

const pallets = {
  0: system,
  1: timestamp,
  2: balances,
  3: transactionPayment,
  4: utility,
  5: sudo,
  6: poh,
  7: grandpa,
  8: computeScore,
  9: trainerStaking,
  10: machines,
  11: drilling,
  12: marketplace,
  13: proofOfTraining,
  14: rewards,
  15: treasury,
  16: referenda,
  17: multisig,
  18: proxy,
} as const;

export const runtime = construct(pallets, { version, depositEvent });
export type RuntimeCall = RuntimeCallOf<typeof pallets>;
