import type { Fields, ValuesOf } from "../primitives/codec.ts";
import type { Weight } from "../primitives/weight.ts";
import type { Ctx } from "./ctx.ts";
import type { DispatchClass, DispatchInfo, OrNothing, Pays, PostDispatchInfo } from "./dispatch-info.ts";
import type { AnyCall } from "./runtime-call.ts";

/** A call: its index on the wire (signed, so never to be changed), its arguments in wire order, what it does. */
export interface Call<A extends Fields> extends CallOptions<A> {
  readonly index: number;
  readonly args: A;
  run(ctx: Ctx, args: ValuesOf<A>): OrNothing<Partial<PostDispatchInfo>>;
}

/** What a call declares before it runs: constants, or functions of its arguments. */
export interface CallOptions<A extends Fields> {
  readonly weight: Weight | Declared<A, Weight>["of"];
  /** `Normal` unless told. */
  readonly class?: DispatchClass | Declared<A, DispatchClass>["of"];
  /** `Yes` unless told. */
  readonly paysFee?: Pays | Declared<A, Pays>["of"];
  readonly docs?: string;
}

interface Declared<A extends Fields, T> {
  // A method, so that calls with different arguments fit in one list.
  of(args: ValuesOf<A>, infoOf: InfoOf): T;
}

/** What an inner call declares. */
export type InfoOf = (call: AnyCall) => DispatchInfo;

/**
 * Declares a call. `run` throws a `DispatchError` to be undone; it may return what was really used
 * (`{ actual_weight, pays_fee }`).
 */
export const call = <const A extends Fields>(
  index: number,
  args: A,
  run: (ctx: Ctx, args: ValuesOf<A>) => OrNothing<Partial<PostDispatchInfo>>,
  options: CallOptions<A>,
): Call<A> => ({ index, args, run, ...options });

export type Calls = Readonly<Record<string, Call<Fields>>>;
