import { chargeTransactionPayment } from "./extensions/charge-transaction-payment.ts";
import { checkGenesis } from "./extensions/check-genesis.ts";
import { checkMortality } from "./extensions/check-mortality.ts";
import { checkNonZeroSender } from "./extensions/check-non-zero-sender.ts";
import { checkNonce } from "./extensions/check-nonce.ts";
import { checkSpecVersion, checkTxVersion } from "./extensions/check-version.ts";
import { checkWeight } from "./extensions/check-weight.ts";
import type { Extension, Transaction } from "./extensions/extension.ts";
import type { Ctx } from "./frame/ctx.ts";
import type { PostDispatchInfo } from "./frame/dispatch-info.ts";
import { tuple } from "./primitives/codec-struct.ts";
import type { Era } from "./primitives/era.ts";
import type { ValidTransaction } from "./primitives/validity.ts";
import type { Writer } from "./primitives/writer.ts";

/** Every signed transaction passes these, in this order, which is that of polkadot-sdk's chains. */
export const extensions = [
  checkNonZeroSender,
  checkSpecVersion,
  checkTxVersion,
  checkGenesis,
  checkMortality,
  checkNonce,
  checkWeight,
  chargeTransactionPayment,
] as const satisfies readonly Extension[];

// The same, with their own types forgotten: the loops below hand each what it made itself.
const list: readonly Extension[] = extensions;

/** What a signed extrinsic carries for them: the era, the nonce and the tip take bytes, the rest none. */
export const extraCodec = tuple(...extensions.map((extension: Extension) => extension.extra));
export type Extra = readonly unknown[];

/** What a wallet decides on: for how long it is valid, its number, what it gives the author on top of the fee. */
export const extraOf = (era: Era, nonce: number, tip: bigint): Extra =>
  list.map((extension) => {
    if (extension === checkMortality) return era;
    if (extension === checkNonce) return nonce;
    return extension === chargeTransactionPayment ? tip : undefined;
  });

/** Writes what must be signed along with the extrinsic's own bytes; throws an `InvalidityError`. */
export function writeImplied(ctx: Ctx, extra: Extra, out: Writer): void {
  for (let i = 0; i < list.length; i++) {
    const { implicit, implied } = list[i]!;
    if (implied) implicit.encode(implied(ctx, extra[i]), out);
  }
}

/** What all of them together say of a transaction; throws an `InvalidityError`. */
export function validateExtensions(ctx: Ctx, extra: Extra, transaction: Transaction): ValidTransaction {
  let valid: ValidTransaction = alwaysValid;
  for (let i = 0; i < list.length; i++) {
    const said = list[i]!.validate?.(ctx, extra[i], transaction);
    if (said) valid = combine(valid, said);
  }
  return valid;
}

/** Takes nonce, room and fee. Returns what `afterDispatch` wants back. */
export const prepareExtensions = (ctx: Ctx, extra: Extra, transaction: Transaction): readonly unknown[] =>
  list.map((extension, i) => extension.prepare?.(ctx, extra[i], transaction));

/** Gives back what was not used. */
export function afterDispatch(
  ctx: Ctx,
  prepared: readonly unknown[],
  transaction: Transaction,
  post: PostDispatchInfo,
): void {
  for (let i = 0; i < list.length; i++) list[i]!.postDispatch?.(ctx, prepared[i], transaction, post);
}

const maxU64 = 2n ** 64n - 1n;

const alwaysValid: ValidTransaction = {
  priority: 0n,
  requires: [],
  provides: [],
  longevity: maxU64,
  propagate: true,
};

/** Substrate's `combine_with`: priorities add up, tags come together, the shortest life counts. */
function combine(a: ValidTransaction, b: Partial<ValidTransaction>): ValidTransaction {
  const priority = a.priority + (b.priority ?? 0n);
  const longevity = b.longevity ?? maxU64;
  return {
    priority: priority > maxU64 ? maxU64 : priority,
    requires: b.requires ? [...a.requires, ...b.requires] : a.requires,
    provides: b.provides ? [...a.provides, ...b.provides] : a.provides,
    longevity: longevity < a.longevity ? longevity : a.longevity,
    propagate: a.propagate && (b.propagate ?? true),
  };
}
