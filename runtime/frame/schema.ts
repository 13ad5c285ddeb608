import { type Codec, type Fields, lent, type ValuesOf } from "../primitives/codec.ts";
import { record } from "../primitives/codec-struct.ts";
import type { Writer } from "../primitives/writer.ts";
import type { Constant } from "./constant.ts";
import type { Ctx } from "./ctx.ts";
import { DispatchError } from "./dispatch-error.ts";
import { handle, itemPrefix } from "./storage-handle.ts";
import type { AnyItem, HandleOf } from "./storage-item.ts";

/** What a pallet has. Events and errors are numbered in the order of their declaration. */
export interface Schema {
  /** First part of its types' paths; `pallet_` and the name in snake case unless told. */
  readonly crate?: string;
  readonly storage?: Readonly<Record<string, AnyItem>>;
  readonly events?: Readonly<Record<string, Fields>>;
  /** Names with the sentence that clients show. */
  readonly errors?: Readonly<Record<string, string>>;
  readonly constants?: Readonly<Record<string, Constant<unknown, unknown>>>;
  /** What clients show beside each of these. */
  readonly docs?: Docs;
  /** Why it puts funds on hold, and why it freezes them; numbered in order. */
  readonly holdReasons?: readonly string[];
  readonly freezeReasons?: readonly string[];
}

/** A sentence on the pallet and on its parts, by name; errors and calls carry theirs. */
export interface Docs {
  readonly pallet: string;
  readonly storage?: Readonly<Record<string, string>>;
  readonly events?: Readonly<Record<string, string>>;
  readonly constants?: Readonly<Record<string, string>>;
}

/** As the metadata writes it. */
export const docLines = (sentence: string | undefined): readonly string[] =>
  sentence === undefined ? [] : [sentence];

type Part<S extends Schema, K extends keyof Schema> = NonNullable<S[K]>;

/** Ready to use: `storage.Account.get(ctx, who)`, `events.Transfer(ctx, {...})`, `errors.TooLow`. */
export interface Tools<S extends Schema> {
  readonly storage: { readonly [K in keyof Part<S, "storage">]: HandleOf<Part<S, "storage">[K]> };
  readonly events: { readonly [K in keyof Part<S, "events">]: Emit<Part<S, "events">[K] & Fields> };
  readonly errors: { readonly [K in keyof Part<S, "errors">]: () => DispatchError };
  readonly constants: {
    readonly [K in keyof Part<S, "constants">]: Part<S, "constants">[K] extends Constant<infer _, infer Tool>
      ? Tool
      : never;
  };
}

/** Deposits an event. Topics are 32-byte hashes under which clients may find it. */
export type Emit<F extends Fields> = (ctx: Ctx, fields: ValuesOf<F>, topics?: readonly Uint8Array[]) => void;

/** First stage of a pallet: what exists. The second, `pallet`, says what happens. */
export function schema<const N extends string, const S extends Schema>(
  name: N,
  schema: S,
): { readonly name: N; readonly schema: S } & Tools<S> {
  const tools = {
    storage: mapValues(schema.storage ?? {}, (item, key) => handle(itemPrefix(name, key), item)),
    events: mapValues(schema.events ?? {}, (fields, _, index) => emitter(name, index, record(fields))),
    errors: mapValues(schema.errors ?? {}, (_, error, index) => () => {
      return new DispatchError({ type: "Pallet", pallet: name, name: error, index });
    }),
    constants: mapValues(schema.constants ?? {}, (constant, key) => constant.tool(`${name}.${key}`)),
  };
  return { name, schema, ...(tools as unknown as Tools<S>) };
}

function emitter(pallet: string, index: number, codec: Codec<Readonly<Record<string, unknown>>>) {
  return (ctx: Ctx, fields: Readonly<Record<string, unknown>>, topics: readonly Uint8Array[] = []): void => {
    const write = (out: Writer) => {
      out.u8(ctx.runtime.indexOf(pallet));
      out.u8(index);
      codec.encode(fields, out);
    };
    lent(write, (event) => ctx.deposit(event, topics));
  };
}

function mapValues<T, U>(
  object: Readonly<Record<string, T>>,
  change: (value: T, key: string, index: number) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, v], i) => [key, change(v, key, i)]));
}
