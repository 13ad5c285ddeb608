import type { Fields, ValuesOf } from "../primitives/codec.ts";
import type { Weight } from "../primitives/weight.ts";
import type { Calls } from "./call.ts";
import type { Ctx, ReadCtx } from "./ctx.ts";
import type { OrNothing } from "./dispatch-info.ts";
import type { Schema } from "./schema.ts";

/** A pallet as the runtime sees it. */
export interface Pallet<N extends string = string, S extends Schema = Schema, C extends Calls = Calls>
  extends Hooks {
  readonly name: N;
  readonly schema: S;
  readonly calls: C;
}

/** What happens without anybody calling. Hooks must not fail. */
export interface Hooks {
  /** Once, in the first block of a newer runtime. Returns the weight used. */
  onRuntimeUpgrade?(ctx: Ctx): OrNothing<Weight>;
  /** At the start of each block, in the order of the pallets. Returns the weight used. */
  onInitialize?(ctx: Ctx, block: number): OrNothing<Weight>;
  /** After the extrinsics, with the weight that is left; returns what it used of it. */
  onIdle?(ctx: Ctx, block: number, remaining: Weight): Weight;
  /** At the end of each block. Its weight belongs into what `onInitialize` returns. */
  onFinalize?(ctx: Ctx, block: number): void;
  readonly genesis?: Genesis<Fields>;
  readonly inherent?: Inherent;
}

/** A pallet's part of the first state: its configuration, the defaults of its fields, what it stores. */
export interface Genesis<F extends Fields> {
  readonly fields: F;
  readonly defaults: ValuesOf<F>;
  build(ctx: Ctx, config: ValuesOf<F>): void;
}

export const genesis = <const F extends Fields>(
  fields: F,
  defaults: ValuesOf<F>,
  build: (ctx: Ctx, config: ValuesOf<F>) => void,
): Genesis<F> => ({ fields, defaults, build });

/** What a block's author brings in unsigned, and every other node checks. */
export interface Inherent {
  /** Eight characters that name the data. */
  readonly identifier: string;
  /** Whether a block without it is no block. */
  readonly isRequired: boolean;
  /** One of the pallet's calls, made from the author's data; none when it is not needed. */
  create(ctx: ReadCtx, data: Uint8Array): { readonly type: string; readonly value: unknown } | undefined;
  /** Whether such a call is an inherent. */
  is(call: { readonly type: string; readonly value: unknown }): boolean;
  /** Compares a call with the checking node's own data; a text says what is wrong. */
  check?(
    ctx: ReadCtx,
    call: { readonly type: string; readonly value: unknown },
    data: Uint8Array,
  ): string | undefined;
}

/** Second stage of a pallet: what happens. */
export const pallet = <N extends string, S extends Schema, const C extends Calls>(
  self: { readonly name: N; readonly schema: S },
  behaviour: { readonly calls: C } & Hooks,
): Pallet<N, S, C> => ({ name: self.name, schema: self.schema, ...behaviour });
