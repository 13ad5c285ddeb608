import sodium from "sodium-native";

// In the library, missing in its published types.
declare module "sodium-native" {
  export function crypto_generichash_init(state: Buffer, key: Buffer | null, outputBytes: number): void;
  export function crypto_generichash_update(state: Buffer, input: Buffer): void;
  export function crypto_generichash_final(state: Buffer, output: Buffer): void;
}

/** BLAKE2b with a 32-byte output (RFC 7693, no key) of the concatenated parts. */
export function blake2b256(...parts: Uint8Array[]): Uint8Array {
  const out = Buffer.alloc(32);
  if (parts.length === 1) sodium.crypto_generichash(out, asBuffer(parts[0] as Uint8Array));
  else sodium.crypto_generichash_batch(out, parts.map(asBuffer));
  return new Uint8Array(out.buffer, out.byteOffset, 32);
}

/** The same hash over data that arrives in pieces. */
export function blake2b256Stream(): { update(part: Uint8Array): void; digest(): Uint8Array } {
  const state = Buffer.alloc(sodium.crypto_generichash_STATEBYTES);
  sodium.crypto_generichash_init(state, null, 32);
  return {
    update: (part) => sodium.crypto_generichash_update(state, asBuffer(part)),
    digest: () => {
      const out = Buffer.alloc(32);
      sodium.crypto_generichash_final(state, out);
      return new Uint8Array(out.buffer, out.byteOffset, 32);
    },
  };
}

const asBuffer = (part: Uint8Array): Buffer => Buffer.from(part.buffer, part.byteOffset, part.byteLength);
