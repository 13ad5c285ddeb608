import fc from "fast-check";
import sodium from "sodium-native";
import { expect, test } from "vitest";
import { envelopeBytes, isEnvelopeOf, openEnvelope, sealEnvelope } from "./envelope.ts";
import { keysOfSecret, sealKeys } from "./sealed.ts";

const keys = sealKeys(new Uint8Array(32).fill(7));
const other = sealKeys(new Uint8Array(32).fill(8));
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const context = fc.uint8Array({ maxLength: 40 });
const badSeal = expect.objectContaining({ code: "BadSeal" });

test("an envelope gives its secret to its recipient in its context, and is the same each time", () => {
  fc.assert(
    fc.property(bytes32, context, context, (secret, here, there) => {
      const envelope = sealEnvelope(secret, keys.publicKey, here);
      expect(envelope).toHaveLength(envelopeBytes);
      expect(openEnvelope(envelope, keys, here)).toEqual(secret);
      expect(sealEnvelope(secret, keys.publicKey, here)).toEqual(envelope);
      expect(isEnvelopeOf(envelope, secret, keys.publicKey, here)).toBe(true);
      expect(isEnvelopeOf(envelope, secret, other.publicKey, here)).toBe(false);
      expect(() => openEnvelope(envelope, other, here)).toThrow(badSeal);
      if (Buffer.compare(here, there) === 0) return;
      expect(isEnvelopeOf(envelope, secret, keys.publicKey, there)).toBe(false);
      expect(() => openEnvelope(envelope, keys, there)).toThrow(badSeal);
    }),
    { numRuns: 50 },
  );
});

test("every changed byte and every other length is found", () => {
  const [secret, here] = [new Uint8Array(32).fill(3), Buffer.from("order 7")];
  const envelope = sealEnvelope(secret, keys.publicKey, here);
  for (let i = 0; i < envelopeBytes; i++) {
    const changed = Uint8Array.from(envelope);
    changed[i] = changed[i]! ^ 1;
    expect(() => openEnvelope(changed, keys, here), `byte ${i}`).toThrow(badSeal);
    expect(isEnvelopeOf(changed, secret, keys.publicKey, here)).toBe(false);
  }
  for (const length of [0, 32, 79])
    expect(() => openEnvelope(envelope.subarray(0, length), keys, here)).toThrow(badSeal);
  expect(() => openEnvelope(new Uint8Array(81), keys, here)).toThrow(badSeal);
});

test("the description alone is enough to make one with libsodium", () => {
  const [secret, here] = [Buffer.alloc(32, 9), Buffer.from("context")];
  const recipient = Buffer.from(keys.publicKey);
  const seed = Buffer.alloc(32);
  sodium.crypto_generichash(seed, Buffer.concat([Buffer.from("matrixai-envelope"), recipient, secret, here]));
  const [pk, sk, rx, tx] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(32)];
  sodium.crypto_kx_seed_keypair(pk, sk, seed);
  sodium.crypto_kx_client_session_keys(rx, tx, pk, sk, recipient);
  const cipher = Buffer.alloc(48);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(cipher, secret, here, null, Buffer.alloc(24), tx);
  expect(Buffer.from(sealEnvelope(secret, recipient, here))).toEqual(Buffer.concat([pk, cipher]));
});

test("nothing is sealed to a key of another length, or to a point of small order", () => {
  for (const recipient of [new Uint8Array(31), new Uint8Array(33), new Uint8Array(32)]) {
    expect(() => sealEnvelope(new Uint8Array(32), recipient, Buffer.alloc(0))).toThrow(badSeal);
    expect(isEnvelopeOf(new Uint8Array(80), new Uint8Array(32), recipient, Buffer.alloc(0))).toBe(false);
  }
  expect(() => sealEnvelope(new Uint8Array(33), keys.publicKey, Buffer.alloc(0))).toThrow(badSeal);
});

test("the keys of a secret are the pair that it belongs to", () => {
  const fresh = sealKeys();
  expect(keysOfSecret(fresh.secretKey)).toEqual({
    publicKey: new Uint8Array(fresh.publicKey),
    secretKey: new Uint8Array(fresh.secretKey),
  });
});
