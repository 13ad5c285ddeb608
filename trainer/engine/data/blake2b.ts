import sodium from "sodium-native";

// In the library, missing in its published types.
declare module "sodium-native" {
  export function crypto_generichash_init(state: Buffer, key: Buffer | null, outputBytes: number): void;
  export function crypto_generichash_update(state: Buffer, input: Buffer): void;
  export function crypto_generichash_final(state: Buffer, output: Buffer): void;
}

/** Short parts are joined here: a second buffer for each costs more than their hash. */
const joined = Buffer.alloc(1_024);

/** BLAKE2b with a 32-byte output (RFC 7693, no key) of the concatenated parts. */
export function blake2b256(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(32);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (parts.length === 1) sodium.crypto_generichash(asBuffer(out), asBuffer(parts[0] as Uint8Array));
  else if (length > joined.length) sodium.crypto_generichash_batch(asBuffer(out), parts.map(asBuffer));
  else {
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    sodium.crypto_generichash(asBuffer(out), joined.subarray(0, length));
  }
  return out;
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

/** The library takes any bytes; its types ask for a Buffer, of which it uses nothing. */
const asBuffer = (part: Uint8Array): Buffer => part as Buffer;
