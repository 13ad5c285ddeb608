import { textBytes } from "../primitives/bytes.ts";
import { type Codec, decode, encode } from "../primitives/codec.ts";
import { twox128 } from "../primitives/hashing.ts";
import type { Governed, ReadCtx, WriteCtx } from "./ctx.ts";
import type { RuntimeVersion } from "./runtime-version.ts";

/** What a constant may be read from. */
export interface ConstantCtx extends ReadCtx {
  readonly runtime: { readonly version: RuntimeVersion };
}

/** A constant in the metadata. `Tool` is what the pallet's code gets: a value, or a function that reads it. */
export interface Constant<T, Tool> {
  readonly codec: Codec<T>;
  /** For the metadata. `name` is `Pallet.Constant`. */
  read(ctx: ConstantCtx, name: string): T;
  /** For the pallet. */
  tool(name: string): Tool;
  /** For votes; only what is `governed` has it. */
  readonly govern?: (name: string) => Governed;
}

/** The same on every chain, for ever. */
export const constant = <T>(codec: Codec<T>, value: T): Constant<T, T> => ({
  codec,
  read: () => value,
  tool: () => value,
});

/** Told by the runtime, such as its version. */
export const derived = <T>(codec: Codec<T>, read: (ctx: ConstantCtx) => T): Constant<T, typeof read> => ({
  codec,
  read,
  tool: () => read,
});

/** Reads a parameter; `set` is for genesis and upgrades, because clients cache constants. */
export interface Parameter<T> {
  (ctx: ReadCtx): T;
  set(ctx: WriteCtx, value: T): void;
}

/**
 * The same for the life of one chain, but not on all chains: kept in state since genesis, so that metadata
 * and rules remain functions of the state. The key is that of FRAME's storage parameters.
 */
export const parameter = <T>(codec: Codec<T>, fallback: T): Constant<T, Parameter<T>> => {
  const tool = (name: string): Parameter<T> => {
    const key = twox128(textBytes(`:${name}:`));
    const read = (ctx: ReadCtx): T => {
      const bytes = ctx.storage.get(key);
      return bytes === undefined ? fallback : decode(codec, bytes);
    };
    return Object.assign(read, {
      set: (ctx: WriteCtx, value: T) => ctx.storage.set(key, encode(codec, value)),
    });
  };
  return { codec, tool, read: (ctx, name) => tool(name)(ctx) };
};

/**
 * A parameter that a vote may change, from `least` to `most`. Clients cache constants by the runtime's version, so
 * only what nothing is computed from in advance may be one: a client with the old value must be no worse off than
 * with an error.
 */
export const governed = <T extends number | bigint>(
  codec: Codec<T>,
  fallback: T,
  least: T,
  most: T,
): Constant<T, Parameter<T>> => {
  const constant = parameter(codec, fallback);
  const govern = (name: string): Governed => {
    const tool = constant.tool(name);
    return {
      least: BigInt(least),
      most: BigInt(most),
      read: (ctx) => BigInt(tool(ctx)),
      set: (ctx, value) => tool.set(ctx, (typeof fallback === "number" ? Number(value) : value) as T),
    };
  };
  return { ...constant, govern };
};
