import type { Codec, Fields, ValuesOf } from "../primitives/codec.ts";
import type { Ctx } from "./ctx.ts";

/** Functions of the state that clients call by name: `AccountNonceApi_account_nonce`. */
export interface RuntimeApi {
  readonly name: string;
  readonly version: number;
  readonly methods: Readonly<Record<string, ApiMethod<Fields, unknown>>>;
  readonly docs: string;
}

export interface ApiMethod<F extends Fields, R> {
  readonly inputs: F;
  readonly output: Codec<R>;
  readonly docs: string;
  /** May write to the state of `ctx`, which the caller throws away. */
  run(ctx: Ctx, inputs: ValuesOf<F>): R;
}

export const runtimeApi = (
  name: string,
  version: number,
  docs: string,
  methods: Readonly<Record<string, ApiMethod<Fields, unknown>>>,
): RuntimeApi => ({ name, version, docs, methods });

export const method = <const F extends Fields, R>(
  docs: string,
  inputs: F,
  output: Codec<R>,
  run: (ctx: Ctx, inputs: ValuesOf<F>) => R,
): ApiMethod<F, R> => ({ docs, inputs, output, run });
