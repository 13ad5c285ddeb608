import type { Value } from "./codec.ts";
import { bytes } from "./codec-bytes.ts";
import { vec } from "./codec-list.ts";
import { bool, u8, u64 } from "./codec-number.ts";
import { struct, unit } from "./codec-struct.ts";
import { result, tagged, unitEnum } from "./codec-tagged.ts";

/** Where a transaction came from. */
export const transactionSource = unitEnum("sp_runtime::transaction_validity::TransactionSource", [
  "InBlock",
  "Local",
  "External",
]);
export type TransactionSource = Value<typeof transactionSource>;

const path = "sp_runtime::transaction_validity";

/** Why a transaction can not go into a block. */
export const invalidTransaction = tagged(`${path}::InvalidTransaction`, {
  Call: unit,
  Payment: unit,
  Future: unit,
  Stale: unit,
  BadProof: unit,
  AncientBirthBlock: unit,
  ExhaustsResources: unit,
  Custom: u8,
  BadMandatory: unit,
  MandatoryValidation: unit,
  BadSigner: unit,
  IndeterminateImplicit: unit,
  UnknownOrigin: unit,
});
export type InvalidTransaction = Value<typeof invalidTransaction>;

/** Why it could not be told whether it can. */
export const unknownTransaction = tagged(`${path}::UnknownTransaction`, {
  CannotLookup: unit,
  NoUnsignedValidator: unit,
  Custom: u8,
});
export type UnknownTransaction = Value<typeof unknownTransaction>;

export const transactionValidityError = tagged(`${path}::TransactionValidityError`, {
  Invalid: invalidTransaction,
  Unknown: unknownTransaction,
});
export type TransactionValidityError = Value<typeof transactionValidityError>;

/** How a pool orders a transaction that may go into a block, now or after others. */
export const validTransaction = struct(`${path}::ValidTransaction`, {
  priority: u64,
  /** Tags that other transactions must have provided first. */
  requires: vec(bytes),
  provides: vec(bytes),
  /** Number of blocks, from the one it was validated at, for which this stays true. */
  longevity: u64,
  /** Whether it may be sent to peers. */
  propagate: bool,
});
export type ValidTransaction = Value<typeof validTransaction>;

export const transactionValidity = result(validTransaction, transactionValidityError);
export type TransactionValidity = Value<typeof transactionValidity>;

/**
 * Thrown by whatever decides on a transaction before it is dispatched; caught in the executive, where
 * transactions are validated and applied.
 */
export class InvalidityError extends Error {
  override readonly name = "InvalidityError";
  readonly reason: TransactionValidityError;

  constructor(reason: TransactionValidityError) {
    super(`${reason.type} transaction: ${reason.value.type}`);
    this.reason = reason;
  }
}

export const invalid = (reason: InvalidTransaction): InvalidityError =>
  new InvalidityError({ type: "Invalid", value: reason });
export const unknown = (reason: UnknownTransaction): InvalidityError =>
  new InvalidityError({ type: "Unknown", value: reason });
