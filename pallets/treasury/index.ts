/** What the chain owns, spent by root alone: by a referendum, or by the sudo key where there is one. */
import { call } from "../../runtime/frame/call.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { root } from "../../runtime/frame/origin.ts";
import { pallet } from "../../runtime/frame/pallet.ts";
import { type AccountId, balance, multiAddress, treasuryAccount } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { reducibleBalance, transfer } from "../balances/index.ts";
import { lookup } from "../system/index.ts";
import { declaration, errors, events, storage } from "./schema.ts";
import * as weights from "./weights.ts";

export { errors, events, storage } from "./schema.ts";

/** What the treasury can spend: all but what its account must keep to exist. */
export const pot = (ctx: ReadCtx): bigint => reducibleBalance(ctx, treasuryAccount, "Preserve", "Polite");

/** Pays `amount` from the treasury. Throws `ZeroAmount`, `OwnAccount`, `InsufficientFunds` and what stops a transfer. */
function award(ctx: Ctx, beneficiary: AccountId, amount: bigint): void {
  ensure(amount > 0n, errors.ZeroAmount);
  ensure(!equalBytes(beneficiary, treasuryAccount), errors.OwnAccount);
  const available = pot(ctx);
  ensure(amount <= available, errors.InsufficientFunds);
  transfer(ctx, treasuryAccount, beneficiary, amount, "Preserve");
  const index = storage.SpendCount.get(ctx);
  storage.SpendCount.set(ctx, index + 1);
  const fields = {
    proposal_index: index,
    award: amount,
    account: beneficiary,
    remaining: available - amount,
  };
  events.Awarded(ctx, fields, [beneficiary]);
}

export const treasury = pallet(declaration, {
  calls: {
    spend_local: call(
      3,
      { amount: compact(balance), beneficiary: alias(multiAddress, "AccountIdLookupOf<T>") },
      (ctx, { amount, beneficiary }) => {
        root(ctx);
        award(ctx, lookup(beneficiary), amount);
      },
      { weight: weights.spendLocal, docs: "Pays from the treasury at once. By root alone." },
    ),
  },
});
