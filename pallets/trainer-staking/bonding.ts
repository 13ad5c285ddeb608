/** Raising and lowering a bond. All of it stays on hold until it is withdrawn. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { hold, release } from "../balances/index.ts";
import { currentEpoch } from "../poh/index.ts";
import { bondReason, constants, errors, events, storage } from "./schema.ts";
import { registered } from "./trainer.ts";

/** Bonds more. Throws `FundsUnavailable` where the free balance is too small. */
export function bondExtra(ctx: Ctx, who: AccountId, amount: bigint): void {
  const trainer = registered(ctx, who);
  ensure(amount > 0n, errors.AmountZero);
  hold(ctx, bondReason, who, amount);
  storage.Trainers.set(ctx, who, { ...trainer, bond: trainer.bond + amount });
  events.Bonded(ctx, { trainer: who, amount }, [who]);
}

/** Begins to unbond part of a bond, of which a trainer must keep what it and its machines need. */
export function unbond(ctx: Ctx, who: AccountId, amount: bigint): void {
  const trainer = registered(ctx, who);
  ensure(amount > 0n, errors.AmountZero);
  const left = trainer.bond - amount;
  ensure(left >= constants.MinBond(ctx), errors.BondTooLow);
  ensure(left >= trainer.required, errors.BondRequired);
  storage.Trainers.set(ctx, who, { ...trainer, bond: left });
  beginUnbonding(ctx, who, amount);
}

/** Puts `amount`, which was part of a bond, among what is unbonding. Throws `TooManyChunks`. */
export function beginUnbonding(ctx: Ctx, who: AccountId, amount: bigint): void {
  const epoch = currentEpoch(ctx).index + BigInt(constants.UnbondingEpochs(ctx));
  const chunks = storage.Unbonding.get(ctx, who);
  const last = chunks.at(-1);
  if (last?.epoch === epoch) {
    storage.Unbonding.set(ctx, who, chunks.with(-1, { value: last.value + amount, epoch }));
  } else {
    ensure(chunks.length < constants.MaxUnbondingChunks, errors.TooManyChunks);
    storage.Unbonding.set(ctx, who, [...chunks, { value: amount, epoch }]);
  }
  events.Unbonded(ctx, { trainer: who, amount, epoch }, [who]);
}

/** Frees what has finished unbonding. */
export function withdrawUnbonded(ctx: Ctx, who: AccountId): void {
  const { index } = currentEpoch(ctx);
  const chunks = storage.Unbonding.get(ctx, who);
  const left = chunks.filter(({ epoch }) => epoch > index);
  ensure(left.length < chunks.length, errors.NothingToWithdraw);
  const amount = chunks.reduce((sum, { value, epoch }) => (epoch > index ? sum : sum + value), 0n);
  release(ctx, bondReason, who, amount, "Exact");
  if (left.length === 0) storage.Unbonding.delete(ctx, who);
  else storage.Unbonding.set(ctx, who, left);
  events.Withdrawn(ctx, { trainer: who, amount }, [who]);
}
