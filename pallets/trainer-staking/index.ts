/**
 * Who is a trainer. Bonds are holds on balances; session keys come with a proof of possession; faults of all kinds
 * are paid here. When an epoch begins, trainers become its voters, and the authors of the epoch after the next.
 */
import { pallet } from "../../runtime/frame/pallet.ts";
import { addWeight } from "../../runtime/primitives/weight.ts";
import { epochStarted } from "../poh/index.ts";
import { calls } from "./calls.ts";
import { beginEpoch } from "./epoch.ts";
import { genesisTrainers } from "./genesis.ts";
import { punishOffences } from "./offences.ts";
import { declaration } from "./schema.ts";
import { perBlock } from "./weights.ts";

export type { SessionKeys } from "./possession.ts";
export {
  bondReason,
  constants,
  errors,
  events,
  pastSlash,
  type SlashReason,
  storage,
  type Trainer,
} from "./schema.ts";
export { sealingKeyOf } from "./sealing.ts";
export type { Share } from "./settle.ts";
export { type Penalty, penalise, type Slash, slashBond } from "./slash.ts";
export { trainerChanges, trainerMeanings, trainerStates } from "./states.ts";
export {
  bondOf,
  canWork,
  isActive,
  isTrainer,
  keysOf,
  setRequiredBond,
  stakeOf,
  trainerOfKey,
  trainers,
} from "./trainer.ts";

export const trainerStaking = pallet(declaration, {
  calls,
  genesis: genesisTrainers,
  onInitialize: (ctx) => (epochStarted(ctx) ? addWeight(perBlock, beginEpoch(ctx)) : perBlock),
  onFinalize: (ctx) => punishOffences(ctx),
});
