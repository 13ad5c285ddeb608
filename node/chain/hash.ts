import { toHex } from "../../runtime/primitives/bytes.ts";

/** A 32-byte hash as text: what maps are keyed by, logs show and clients send. */
export type Hash = `0x${string}`;

export const hashToBytes = (hash: Hash): Uint8Array => Buffer.from(hash.slice(2), "hex");

export const bytesToHash: (bytes: Uint8Array) => Hash = toHex;

/** `0x12ab…34cd`: long enough to tell blocks apart in a log. */
export const shortHash = (hash: Hash): string => `${hash.slice(0, 6)}…${hash.slice(-4)}`;

export const isHash = (text: string): text is Hash => /^0x[0-9a-f]{64}$/.test(text);
