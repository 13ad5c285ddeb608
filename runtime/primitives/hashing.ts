import * as wasm from "@polkadot/wasm-crypto";
import sodium from "sodium-native";

await wasm.waitReady();

/** BLAKE2b with 16 bytes of output, no key (RFC 7693). */
export const blake2_128 = blake2b(16);
/** BLAKE2b with 32 bytes of output, no key (RFC 7693): the chain's hash. */
export const blake2_256 = blake2b(32);
/** BLAKE2b with 64 bytes of output, no key (RFC 7693). */
export const blake2_512 = blake2b(64);

/** Substrate's twox: xxHash64 with seeds 0, 1, ..., each eight bytes little-endian, concatenated. */
export const twox64 = (data: Uint8Array): Uint8Array => wasm.twox(data, 1);
export const twox128 = (data: Uint8Array): Uint8Array => wasm.twox(data, 2);
export const twox256 = (data: Uint8Array): Uint8Array => wasm.twox(data, 4);

function blake2b(size: number): (data: Uint8Array) => Uint8Array {
  // A small array lives inside V8's heap and is moved out, for a microsecond, when native code wants it:
  // one output buffer for ever, and a copy, costs a quarter of that.
  const output = Buffer.alloc(size);
  return (data) => {
    // The library takes any Uint8Array; its published types say Buffer.
    sodium.crypto_generichash(output, data as Buffer);
    return new Uint8Array(output);
  };
}
