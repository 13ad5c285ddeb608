/**
 * Proof of training: commitments while a trainer trains, inspectors drawn once it has committed to everything, verdicts
 * that nobody can copy, and what each party gets in the end. The orders themselves are the market's.
 */
import { runDue } from "../../runtime/frame/agenda.ts";
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { addWeight, mulWeight } from "../../runtime/primitives/weight.ts";
import { calls } from "./calls.ts";
import { moveOn } from "./deadlines.ts";
import { agenda, constants, declaration } from "./schema.ts";
import { nothingDue, oneDue } from "./weights.ts";

export { appealBond } from "./appealing.ts";
export {
  appealBondReason,
  constants,
  errors,
  events,
  inspectionBondReason,
  storage,
} from "./schema.ts";
export { type Phase, phaseChanges, phases } from "./states.ts";
export { keyDue } from "./submitting.ts";
export { type Inspection, inspection, type Seat, type Submission } from "./types.ts";
export {
  type Finding,
  faults,
  type Ruling,
  rules,
  type Verdict,
  verdict,
  verdictCommitment,
  verdictHash,
} from "./verdict.ts";

export const proofOfTraining = pallet(declaration, {
  calls,
  genesis: genesis(
    { commitWindow: u32, revealWindow: u32, appealWindow: u32, releaseWindow: u32 },
    { commitWindow: 600, revealWindow: 50, appealWindow: 600, releaseWindow: 300 },
    (ctx, { commitWindow, revealWindow, appealWindow, releaseWindow }) => {
      constants.CommitWindow.set(ctx, commitWindow);
      constants.RevealWindow.set(ctx, revealWindow);
      constants.AppealWindow.set(ctx, appealWindow);
      constants.ReleaseWindow.set(ctx, releaseWindow);
    },
  ),
  onInitialize(ctx, block) {
    const due = runDue(ctx, agenda, block, constants.MaxDuePerBlock, (id) => moveOn(ctx, id));
    return addWeight(nothingDue, mulWeight(oneDue, BigInt(due)));
  },
});
