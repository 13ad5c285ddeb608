/**
 * The token: free, reserved and frozen balances, what may be done with them, and the law that an account
 * holds at least the existential deposit or does not exist.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { compareBytes } from "../../runtime/primitives/bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { mutateAccount } from "./account.ts";
import { calls } from "./calls.ts";
import { constants, declaration, storage } from "./schema.ts";

export { ensureUpgraded } from "./account.ts";
export * from "./freeze.ts";
export * from "./hold.ts";
export * from "./inspect.ts";
export * from "./lock.ts";
export * from "./named-reserve.ts";
export * from "./reserve.ts";
export { constants, errors, events, type LockReasons, storage } from "./schema.ts";
export { stateDeposit } from "./state-deposit.ts";
export {
  burn,
  deactivate,
  deposit,
  issue,
  mint,
  payCredit,
  reactivate,
  rescind,
  withdraw,
} from "./supply.ts";
export type { Destination, Fortitude, Precision, Preservation } from "./terms.ts";
export { transfer } from "./transfer.ts";

export const balances = pallet(declaration, {
  calls,
  genesis: genesis({ balances: vec(tuple(accountId, u128)) }, { balances: [] }, (ctx, config) =>
    endow(ctx, config.balances),
  ),
});

/** The first balances. Throws where one is too small to exist, or an account is named twice. */
function endow(ctx: Ctx, balances: readonly (readonly [Uint8Array, bigint])[]): void {
  const sorted = balances.toSorted((a, b) => compareBytes(a[0], b[0]));
  for (const [i, [who, free]] of sorted.entries()) {
    if (free < constants.ExistentialDeposit) {
      throw new Error(`every balance is at least the existential deposit, ${constants.ExistentialDeposit}`);
    }
    if (i > 0 && compareBytes(sorted[i - 1]![0], who) === 0) throw new Error("an account has two balances");
    mutateAccount(ctx, who, (data) => {
      data.free = free;
    });
  }
  storage.TotalIssuance.set(
    ctx,
    balances.reduce((sum, [, free]) => sum + free, 0n),
  );
}
