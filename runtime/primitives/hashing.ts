import { blake2b as nobleBlake2b } from "@noble/hashes/blake2.js";
import { twox, waitReady } from "@polkadot/wasm-crypto";
import sodium from "sodium-native";

// The module that hashes with XXH64 is WebAssembly, compiled once here.
await waitReady();

/** BLAKE2b with 16, 32 or 64 bytes of output, unkeyed. */
export const blake2_128 = blake2b(16);
export const blake2_256 = blake2b(32);
export const blake2_512 = blake2b(64);

/** XXH64 with seeds 0, 1, ... put one after another, little-endian. Fast, and easy to collide on purpose. */
export const twox64 = (data: Uint8Array): Uint8Array => twox(data, 1);
export const twox128 = (data: Uint8Array): Uint8Array => twox(data, 2);
export const twox256 = (data: Uint8Array): Uint8Array => twox(data, 4);

function blake2b(size: number): (data: Uint8Array) => Uint8Array {
  // A new small array lies inside V8's heap, and moving it out for native code costs three times the hash:
  // so one output for ever, and a copy.
  const output = Buffer.alloc(size);
  return (data) => {
    // Any Uint8Array will do, whatever the declared types say.
    sodium.crypto_generichash(output, data as Buffer);
    return new Uint8Array(output);
  };
}

/** The BLAKE2b-64 of a runtime API's name, by which it is listed in the runtime's version. */
export const apiId = (name: string): Uint8Array => nobleBlake2b(new TextEncoder().encode(name), { dkLen: 8 });
