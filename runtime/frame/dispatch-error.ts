import { alias, type Value } from "../primitives/codec.ts";
import { fixedBytes } from "../primitives/codec-bytes.ts";
import { u8 } from "../primitives/codec-number.ts";
import { struct, unit } from "../primitives/codec-struct.ts";
import { tagged, unitEnum } from "../primitives/codec-tagged.ts";
import type { PostDispatchInfo } from "./dispatch-info.ts";

export const tokenError = unitEnum("sp_runtime::TokenError", [
  "FundsUnavailable",
  "OnlyProvider",
  "BelowMinimum",
  "CannotCreate",
  "UnknownAsset",
  "Frozen",
  "Unsupported",
  "CannotCreateHold",
  "NotExpendable",
  "Blocked",
]);
export type TokenError = Value<typeof tokenError>;

export const arithmeticError = unitEnum("sp_arithmetic::ArithmeticError", [
  "Underflow",
  "Overflow",
  "DivisionByZero",
]);
export type ArithmeticError = Value<typeof arithmeticError>;

const transactionalError = unitEnum("sp_runtime::TransactionalError", ["LimitReached", "NoLayer"]);

const trieError = unitEnum("sp_runtime::proving_trie::TrieError", [
  "InvalidStateRoot",
  "IncompleteDatabase",
  "ValueAtIncompleteKey",
  "DecoderError",
  "InvalidHash",
  "DuplicateKey",
  "ExtraneousNode",
  "ExtraneousValue",
  "ExtraneousHashReference",
  "InvalidChildReference",
  "ValueMismatch",
  "IncompleteProof",
  "RootMismatch",
  "DecodeError",
]);

/** Why a call failed, as it stands in events and in the results of runtime APIs. */
export const dispatchErrorCodec = tagged("sp_runtime::DispatchError", {
  Other: unit,
  CannotLookup: unit,
  BadOrigin: unit,
  Module: struct("sp_runtime::ModuleError", {
    index: u8,
    error: alias(fixedBytes(4), "[u8; MAX_MODULE_ERROR_ENCODED_SIZE]"),
  }),
  ConsumerRemaining: unit,
  NoProviders: unit,
  TooManyConsumers: unit,
  Token: tokenError,
  Arithmetic: arithmeticError,
  Transactional: transactionalError,
  Exhausted: unit,
  Corruption: unit,
  Unavailable: unit,
  RootNotAllowed: unit,
  Trie: trieError,
});
export type DispatchErrorValue = Value<typeof dispatchErrorCodec>;

/** An error of a pallet, by names; its numbers are known only where the runtime is put together. */
export interface PalletError {
  readonly type: "Pallet";
  readonly pallet: string;
  readonly name: string;
  /** Position among the pallet's errors. */
  readonly index: number;
}

/**
 * Thrown inside a call to undo it; caught in one place, where calls are dispatched.
 * `info` tells what was really used where that differs from what was declared.
 */
export class DispatchError extends Error {
  override readonly name = "DispatchError";
  readonly reason: PalletError | DispatchErrorValue;
  readonly info: PostDispatchInfo | undefined;

  constructor(reason: PalletError | DispatchErrorValue, info?: PostDispatchInfo) {
    super(textOf(reason));
    this.reason = reason;
    this.info = info;
  }
}

export const badOrigin = (): DispatchError => new DispatchError({ type: "BadOrigin" });
export const token = (value: TokenError): DispatchError => new DispatchError({ type: "Token", value });
export const arithmetic = (value: ArithmeticError): DispatchError =>
  new DispatchError({ type: "Arithmetic", value });
export const cannotLookup = (): DispatchError => new DispatchError({ type: "CannotLookup" });

/** Throws unless `condition`; the call that is running is undone. */
export function ensure(condition: boolean, error: () => DispatchError): asserts condition {
  if (!condition) throw error();
}

function textOf(reason: PalletError | DispatchErrorValue): string {
  if (reason.type === "Pallet") return `${reason.pallet}.${reason.name}`;
  return typeof reason.value === "string" ? `${reason.type}.${reason.value}` : reason.type;
}
