import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { readAccount } from "../system/index.ts";
import { depositFault, withdrawFault } from "./inspect.ts";
import { events } from "./schema.ts";
import { decrease, increase } from "./supply.ts";
import type { Preservation } from "./terms.ts";

/**
 * Moves `amount` of free balance. Throws what stands against it: `FundsUnavailable`, `Frozen`, `OnlyProvider`,
 * `NotExpendable` at the source, `BelowMinimum` at the destination.
 */
export function transfer(
  ctx: Ctx,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  preservation: Preservation,
): void {
  const source = readAccount(ctx, from);
  const target = readAccount(ctx, to);
  const fault =
    withdrawFault(ctx, source, amount, preservation !== "Expendable") ??
    depositFault(ctx, target, amount, "Extant");
  if (fault) throw fault;
  // To oneself: what could be transferred stays. Taken and given back, it could end the account on the way.
  if (equalBytes(from, to)) return;
  decrease(ctx, from, amount, "BestEffort", preservation, "Polite", source);
  increase(ctx, to, amount, "BestEffort", target);
  events.Transfer(ctx, { from, to, amount });
}
