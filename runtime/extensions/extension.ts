import type { Ctx, ReadCtx } from "../frame/ctx.ts";
import type { DispatchInfo, PostDispatchInfo } from "../frame/dispatch-info.ts";
import type { AnyCall } from "../frame/runtime-call.ts";
import type { AccountId } from "../primitives/account.ts";
import type { Codec } from "../primitives/codec.ts";
import { namedType } from "../primitives/type-def.ts";
import type { ValidTransaction } from "../primitives/validity.ts";

/** A signed transaction as the extensions see it. */
export interface Transaction {
  readonly who: AccountId;
  readonly call: AnyCall;
  readonly info: DispatchInfo;
  /** Bytes of its wire form. */
  readonly length: number;
}

/**
 * One aspect of every signed transaction. `Extra` travels in the extrinsic, `Implicit` is only signed, `Pre`
 * goes from `prepare` to `postDispatch`. All but the codecs may be left out. A transaction is refused by
 * throwing an `InvalidityError`.
 */
export interface Extension<Extra = unknown, Implicit = unknown, Pre = unknown> {
  /** Known to the clients, which have their own idea of what to fill in. */
  readonly identifier: string;
  readonly extra: Codec<Extra>;
  readonly implicit: Codec<Implicit>;
  /** What must have been signed along. */
  implied?(ctx: ReadCtx & Pick<Ctx, "runtime">, extra: Extra): Implicit;
  /** Changes nothing. What it returns is combined with what the others say. */
  validate?(ctx: Ctx, extra: Extra, transaction: Transaction): Partial<ValidTransaction> | undefined;
  /** Just before the call. What it changes stays even if the call fails. */
  prepare?(ctx: Ctx, extra: Extra, transaction: Transaction): Pre;
  /** Just after the call, whether it failed or not. */
  postDispatch?(ctx: Ctx, pre: Pre, transaction: Transaction, post: PostDispatchInfo): void;
}

/** The codec of an extension that sends nothing. */
export const nothing = (path: string): Codec<undefined> => ({
  type: namedType(path, { tag: "composite", fields: [] }, [{ name: "T" }]),
  encode() {},
  decode: () => undefined,
});

/** The codec of an extension that sends one value. */
export const sends = <T>(path: string, inner: Codec<T>, typeName: string): Codec<T> => ({
  type: namedType(path, { tag: "composite", fields: [{ type: inner.type, typeName }] }, [{ name: "T" }]),
  encode: (value, out) => inner.encode(value, out),
  decode: (input) => inner.decode(input),
});
