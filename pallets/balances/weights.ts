/** What the calls weigh: Substrate's published measurements on its reference machine. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

export const transferAllowDeath: Weight = withDb(weight(48_363_000n, 3_593n), 1n, 1n);
export const transferKeepAlive: Weight = withDb(weight(38_159_000n, 3_593n), 1n, 1n);
export const transferAll: Weight = withDb(weight(47_385_000n, 3_593n), 1n, 1n);
export const forceTransfer: Weight = withDb(weight(49_944_000n, 6_196n), 2n, 2n);
export const forceUnreserve: Weight = withDb(weight(17_233_000n, 3_593n), 1n, 1n);
/** The dearer case, in which the account ends. */
export const forceSetBalance: Weight = withDb(weight(19_929_000n, 3_593n), 1n, 1n);
export const forceAdjustTotalIssuance: Weight = weight(6_594_000n);
export const burnKeepAlive: Weight = weight(20_711_000n);
export const burnAllowDeath: Weight = weight(30_968_000n);
export const upgradeAccounts = (accounts: number): Weight =>
  addWeight(
    weight(16_588_000n, 990n),
    mulWeight(withDb(weight(13_973_659n, 2_603n), 1n, 1n), BigInt(accounts)),
  );
