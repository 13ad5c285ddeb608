import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { hold } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import { finish } from "./deadlines.ts";
import { canaryOf, type UnitKey } from "./hashes.ts";
import { budgetReason, constants, errors, events, storage, taskTopic } from "./schema.ts";
import { ownTask } from "./tasks.ts";
import { disputeSize, rewardsPerUnit } from "./terms.ts";
import { asPast, reissue, unitOf } from "./unit.ts";

/**
 * Opens an answer that the project committed to before anybody had the unit. Where the members agreed on another one, a
 * fresh quorum decides between them and the project: liars lose their bonds though all of a quorum lied, and a project
 * that accuses honest members pays them.
 */
export function openCanary(
  ctx: Ctx,
  who: AccountId,
  key: UnitKey,
  result: Uint8Array,
  salt: Uint8Array,
): void {
  const task = ownTask(ctx, who, key.task);
  const unit = unitOf(ctx, key);
  ensure(unit.state === "Agreed", errors.NotAgreed);
  ensure(blockNumber(ctx) < unit.due, errors.TooLate);
  const commitment = canaryOf(task.project, key.unit, result, salt);
  ensure(storage.Canaries.exists(ctx, key.task, commitment), errors.NotCanary);
  storage.Canaries.delete(ctx, key.task, commitment);
  const held = equalBytes(unit.seats[0]!.result!, result);
  const escrowed = held ? 0n : rewardsPerUnit(task.quorum) * task.reward;
  events.CanaryOpened(ctx, { ...key, result, held, escrowed }, [who, taskTopic(key.task)]);
  if (held) {
    finish(ctx, key, unit);
    return;
  }
  if (escrowed > 0n) hold(ctx, budgetReason, who, escrowed);
  const { agreed, budget } = task;
  storage.Tasks.set(ctx, key.task, { ...task, agreed: agreed - 1, budget: budget + escrowed });
  reissue(ctx, key, unit, "Canary", {
    round: unit.round + 1,
    last_round: unit.round + constants.MaxRounds,
    size: disputeSize(task.quorum),
    seats: [],
    past: asPast(unit.seats, unit.round, "Accused"),
    canary: result,
  });
}
