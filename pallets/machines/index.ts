/**
 * The machines of trainers. Nothing that they say of themselves counts: the chain has them multiply matrices and records
 * how fast they did, checks that they are there, and tells the stake what bond they require.
 */
import { runDue } from "../../runtime/frame/agenda.ts";
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { addWeight, mulWeight } from "../../runtime/primitives/weight.ts";
import { calls } from "./calls.ts";
import { moveOn } from "./challenge.ts";
import { challengeByChance } from "./chance.ts";
import { sweep } from "./heartbeat.ts";
import { agenda, constants, declaration } from "./schema.ts";
import * as weights from "./weights.ts";

export { bondFor } from "./fleet.ts";
export { nextLink } from "./heartbeat.ts";
export {
  disengage,
  engage,
  isAvailable,
  type MachineInfo,
  machineIds,
  machineOf,
  machinesOf,
  ownerOf,
} from "./machine.ts";
export {
  type Activity,
  type Challenge,
  constants,
  errors,
  events,
  type Machine,
  type MachineId,
  machineId,
  machineTopic,
  storage,
} from "./schema.ts";
export { capacityOf, sizeFor } from "./size.ts";
export {
  challengeStates,
  challengeTransitions,
  challengeWaits,
  machineStates,
  machineTransitions,
  machineWaits,
  mayMove,
  type Transition,
  type Wait,
} from "./states.ts";

export const machines = pallet(declaration, {
  calls,
  genesis: genesis(
    { bondBase: u128, bondPerUnit: u128 },
    { bondBase: 10_000_000_000_000n, bondPerUnit: 1_000_000_000n },
    (ctx, { bondBase, bondPerUnit }) => {
      // A trainer cannot leave while a bond is required of it, and so not leave machines behind.
      if (bondBase === 0n) throw new Error("every machine requires a bond");
      constants.BondBase.set(ctx, bondBase);
      constants.BondPerUnit.set(ctx, bondPerUnit);
    },
  ),
  onInitialize(ctx, block) {
    const due = runDue(ctx, agenda, block, constants.MaxDuePerBlock, (id) => moveOn(ctx, id));
    const draws = challengeByChance(ctx);
    const swept = sweep(ctx);
    return [
      mulWeight(weights.perDue, BigInt(due)),
      mulWeight(weights.perDraw, BigInt(draws)),
      mulWeight(weights.perSwept, BigInt(swept)),
    ].reduce(addWeight, weights.perBlock);
  },
});
