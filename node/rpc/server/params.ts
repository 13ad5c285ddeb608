/** Arguments of a method, declared once: names, order, types and the words for what is wrong with them. */
import { invalidParams, RpcError } from "./error.ts";
import type { Params } from "./message.ts";

/** How one argument is read; `read` throws an Error whose message ends the sentence "`name` ...", or an RpcError as it is. */
export interface Param<T> {
  readonly optional: boolean;
  read(value: unknown): T;
}

export type ParamList = Readonly<Record<string, Param<unknown>>>;

/** The arguments that a list of parameters yields. */
export type Args<P extends ParamList> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

/**
 * Reads arguments by position (the order of the declaration) or by name.
 * @throws RpcError -32602 that names the argument, what it should be and what it was.
 */
export function readParams<P extends ParamList>(list: P, params: Params): Args<P> {
  const names = Object.keys(list);
  const positional = Array.isArray(params);
  if (
    positional &&
    params.length > names.length &&
    params.slice(names.length).some((extra) => extra !== null)
  )
    throw invalidParams(`takes ${names.length} arguments (${names.join(", ")}), got ${params.length}`);
  const args: Record<string, unknown> = {};
  names.forEach((name, index) => {
    const param = list[name] as Param<unknown>;
    const value = positional ? params[index] : (params as Record<string, unknown>)[name];
    if (value === undefined && !param.optional) throw invalidParams(`${name} is missing`);
    try {
      args[name] = param.read(value);
    } catch (error) {
      if (error instanceof RpcError) throw error;
      throw invalidParams(`${name} ${(error as Error).message}`);
    }
  });
  return args as Args<P>;
}

/** An argument that may be left out or null. */
export function optional<T>(param: Param<T>): Param<T | undefined> {
  return {
    optional: true,
    read: (value) => (value === undefined || value === null ? undefined : param.read(value)),
  };
}

export function param<T>(read: (value: unknown) => T): Param<T> {
  return { optional: false, read };
}

/** What a value looks like, short enough for an error message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

export const text: Param<string> = param((value) => {
  if (typeof value !== "string") throw new Error(`must be a string, got ${shown(value)}`);
  return value;
});

export const flag: Param<boolean> = param((value) => {
  if (typeof value !== "boolean") throw new Error(`must be true or false, got ${shown(value)}`);
  return value;
});

/** A whole number from 0 to `max`. */
export function whole(max: number): Param<number> {
  return param((value) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw new Error(`must be a whole number up to ${max}, got ${shown(value)}`);
  });
}

/** A list of at most `max` items. */
export function listOf<T>(item: Param<T>, max: number): Param<readonly T[]> {
  return param((value) => {
    if (!Array.isArray(value)) throw new Error(`must be a list, got ${shown(value)}`);
    if (value.length > max) throw new Error(`must have at most ${max} items, got ${value.length}`);
    return value.map((each) => item.read(each));
  });
}

/** Bytes in hex with `0x`; the empty string counts as no bytes, because clients send it for empty arguments. */
export const hex: Param<Uint8Array> = param((value) => {
  const bytes = typeof value === "string" ? fromHex(value) : undefined;
  if (bytes === undefined) throw new Error(`must be hex bytes that start with 0x, got ${shown(value)}`);
  return bytes;
});

/** Exactly `length` bytes in hex. */
export function hexOf(length: number): Param<Uint8Array> {
  return param((value) => {
    const bytes = hex.read(value);
    if (bytes.length !== length) throw new Error(`must be ${length} bytes, got ${bytes.length}`);
    return bytes;
  });
}

function fromHex(value: string): Uint8Array | undefined {
  if (value === "") return new Uint8Array(0);
  if (!value.startsWith("0x") || value.length % 2 === 1) return undefined;
  // Buffer stops at the first character that is no hex digit, which the length then shows.
  const bytes = Buffer.from(value.slice(2), "hex");
  // A copy, because bytes from here live in caches and a slice of Node's pool would keep all of it alive.
  return bytes.length === (value.length - 2) / 2 ? new Uint8Array(bytes) : undefined;
}
