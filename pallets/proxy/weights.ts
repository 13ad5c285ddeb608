/** What the calls weigh: Substrate's published measurements on its reference machine, at the largest lists. */
import { addWeight, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";
import { maxPending, maxProxies } from "./schema.ts";

const growing = (base: Weight, perProxy: bigint, perAnnouncement = 0n): Weight =>
  addWeight(
    base,
    addWeight(
      mulWeight(weight(perProxy), BigInt(maxProxies)),
      mulWeight(weight(perAnnouncement), BigInt(maxPending)),
    ),
  );

export const proxy: Weight = withDb(growing(weight(23_353_000n, 4_706n), 23_000n), 1n, 0n);
export const proxyAnnounced: Weight = withDb(growing(weight(47_196_000n, 5_698n), 37_000n, 165_000n), 3n, 2n);
export const removeAnnouncement: Weight = withDb(
  growing(weight(29_341_000n, 5_698n), 9_000n, 163_000n),
  2n,
  2n,
);
export const announce: Weight = withDb(growing(weight(37_016_000n, 5_698n), 35_000n, 153_000n), 3n, 2n);
export const changeProxies: Weight = withDb(growing(weight(27_658_000n, 4_706n), 56_000n), 1n, 1n);
export const removeProxies: Weight = withDb(growing(weight(23_654_000n, 4_706n), 36_000n), 1n, 1n);
export const createPure: Weight = withDb(growing(weight(29_337_000n, 4_706n), 19_000n), 1n, 1n);
export const killPure: Weight = withDb(growing(weight(24_857_000n, 4_706n), 31_000n), 1n, 1n);
export const pokeDeposit: Weight = withDb(weight(50_173_000n, 5_698n), 3n, 3n);
