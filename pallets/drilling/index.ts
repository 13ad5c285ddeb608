/**
 * Drilling: small tasks of community projects, each unit done by several trainers who are drawn for it and cannot know
 * one another's results. Where they agree all are credited and paid; where they differ, later rounds find the truth.
 */
import { runDue } from "../../runtime/frame/agenda.ts";
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { addWeight, mulWeight } from "../../runtime/primitives/weight.ts";
import { calls } from "./calls.ts";
import { settleDue } from "./deadlines.ts";
import { formQuorums } from "./quorum.ts";
import { agenda, constants, declaration } from "./schema.ts";
import { sweepLeftovers } from "./tasks.ts";
import * as weights from "./weights.ts";

export { takeCreditedWork } from "./credited.ts";
export { canaryOf, commitmentOf, type UnitKey } from "./hashes.ts";
export {
  budgetReason,
  constants,
  depositReason,
  errors,
  events,
  projectTopic,
  storage,
  taskBondReason,
  taskTopic,
} from "./schema.ts";
export { taskStates, taskTransitions, taskWaits, unitStates, unitTransitions, unitWaits } from "./states.ts";
export { bondFor, rewardsPerUnit, trustedBondFor, unitValue } from "./terms.ts";
export {
  maxRefused,
  maxUri,
  type Preferences,
  type Project,
  type Seat,
  type Task,
  type TaskSpec,
  type Unit,
} from "./types.ts";

export const drilling = pallet(declaration, {
  calls,
  genesis: genesis(
    { projectDeposit: u128, taskDeposit: u128, voteWindow: u32 },
    { projectDeposit: 10_000_000_000_000n, taskDeposit: 1_000_000_000_000n, voteWindow: 14_400 },
    (ctx, { projectDeposit, taskDeposit, voteWindow }) => {
      if (voteWindow === 0) throw new Error("a vote lasts for at least one block");
      constants.ProjectDeposit.set(ctx, projectDeposit);
      constants.TaskDeposit.set(ctx, taskDeposit);
      constants.VoteWindow.set(ctx, voteWindow);
    },
  ),
  onInitialize(ctx, block) {
    let seats = 0;
    const due = runDue(ctx, agenda, block, constants.MaxDuePerBlock, (duty) => {
      seats += settleDue(ctx, duty);
    });
    const { quorums, drawn, waiting } = formQuorums(ctx, block);
    const swept = sweepLeftovers(ctx, constants.MaxSweepPerBlock);
    return [
      mulWeight(weights.perDue, BigInt(due)),
      mulWeight(weights.perSeat, BigInt(seats)),
      mulWeight(weights.perQuorum, BigInt(quorums)),
      mulWeight(weights.perAsker, BigInt(waiting)),
      mulWeight(weights.perDraw, BigInt(drawn)),
      mulWeight(weights.perSwept, BigInt(swept)),
    ].reduce(addWeight, weights.perBlock);
  },
});
