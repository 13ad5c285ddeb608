import canonicalize from "canonicalize";
import { blake2b256 } from "../engine/data/blake2b.ts";

/** 32 bytes as `0x` and 64 lower-case hexadecimal digits. */
export type Hash = `0x${string}`;

/** UTF-8 of the JSON Canonicalization Scheme (RFC 8785): one value, one byte string. */
export function canonicalJson(value: unknown): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("only JSON values have a canonical form");
  return new TextEncoder().encode(text);
}

/** BLAKE2b-256 of the parts one after another, as text. */
export const hashOf = (...parts: Uint8Array[]): Hash => toHex(blake2b256(...parts));

export const toHex = (bytes: Uint8Array): Hash => `0x${Buffer.from(bytes).toString("hex")}`;

/** The bytes of a hash that `isHash` let pass. */
export const fromHex = (hash: Hash): Uint8Array => new Uint8Array(Buffer.from(hash.slice(2), "hex"));

export const isHash = (value: unknown): value is Hash =>
  typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
