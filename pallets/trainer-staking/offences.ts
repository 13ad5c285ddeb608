import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { takeOffences as takeVoteOffences } from "../grandpa/index.ts";
import { currentEpoch, suspend, takeOffences as takeBlockOffences } from "../poh/index.ts";
import { constants, type SlashReason, type SlashSubject, storage } from "./schema.ts";
import { slashBond } from "./slash.ts";

interface Proven {
  readonly offender: AccountId;
  readonly reporter?: AccountId | undefined;
  readonly evidence: Uint8Array;
}

/** Punishes all that was reported in this block; who reports has seen to it that nothing is reported twice. */
export function punishOffences(ctx: Ctx): void {
  for (const offence of takeBlockOffences(ctx)) {
    punish(ctx, "BlockEquivocation", { type: "Slot", value: offence.slot }, offence);
  }
  for (const offence of takeVoteOffences(ctx)) {
    const { set_id, round } = offence;
    punish(ctx, "VoteEquivocation", { type: "Round", value: { set_id, round } }, offence);
  }
}

function punish(
  ctx: Ctx,
  reason: SlashReason,
  subject: SlashSubject,
  { offender, reporter, evidence }: Proven,
): void {
  const amount = { permill: constants.EquivocationSlash };
  slashBond(ctx, { trainer: offender, amount, reason, subject, evidence, reporter });
  suspend(ctx, offender);
  const trainer = storage.Trainers.get(ctx, offender);
  if (!trainer) return;
  const until = currentEpoch(ctx).index + 1n + BigInt(constants.SuspensionEpochs);
  const suspended_before = largerOf(trainer.suspended_before, until);
  storage.Trainers.set(ctx, offender, { ...trainer, suspended_before });
}
