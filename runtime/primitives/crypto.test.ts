import { Keyring } from "@polkadot/keyring";
import { blake2AsU8a, xxhashAsU8a } from "@polkadot/util-crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "./bytes.ts";
import { verifySignature } from "./crypto.ts";
import { apiId, blake2_128, blake2_256, blake2_512, twox64, twox128, twox256 } from "./hashing.ts";
import type { MultiSignature } from "./signature.ts";

const message = new TextEncoder().encode("a message");
const schemes = [
  ["sr25519", "Sr25519"],
  ["ed25519", "Ed25519"],
  ["ecdsa", "Ecdsa"],
] as const;

test.each(schemes)("%s signatures of a wallet hold, changed ones do not", (scheme, type) => {
  const pair = new Keyring({ type: scheme }).addFromUri("//Alice");
  const signature: MultiSignature = { type, value: pair.sign(message) };
  const account = pair.addressRaw;
  expect(verifySignature(signature, message, account)).toBe(true);
  expect(verifySignature(signature, message.slice(1), account)).toBe(false);
  expect(verifySignature(signature, message, new Uint8Array(32).fill(7))).toBe(false);
  for (let bit = 0; bit < signature.value.length * 8; bit += 37) {
    const value = signature.value.slice();
    value[bit >> 3]! ^= 1 << (bit & 7);
    expect(verifySignature({ type, value }, message, account), `bit ${bit}`).toBe(false);
  }
});

test("garbage is no signature and breaks nothing", () => {
  const anything = fc.tuple(fc.constantFrom("Sr25519", "Ed25519", "Ecdsa"), fc.uint8Array({ maxLength: 70 }));
  fc.assert(
    fc.property(anything, fc.uint8Array({ maxLength: 40 }), ([type, value], signer) => {
      expect(verifySignature({ type, value } as MultiSignature, message, signer)).toBe(false);
    }),
    { numRuns: 300 },
  );
  const pair = new Keyring({ type: "sr25519" }).addFromUri("//Bob");
  const signature = { type: "Sr25519", value: pair.sign(message) } as const;
  expect(verifySignature(signature, message, pair.addressRaw)).toBe(true);
});

test("hashes are those of another implementation", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      expect(toHex(blake2_128(data))).toBe(toHex(blake2AsU8a(data, 128)));
      expect(toHex(blake2_256(data))).toBe(toHex(blake2AsU8a(data, 256)));
      expect(toHex(blake2_512(data))).toBe(toHex(blake2AsU8a(data, 512)));
      expect(toHex(twox64(data))).toBe(toHex(xxhashAsU8a(data, 64)));
      expect(toHex(twox128(data))).toBe(toHex(xxhashAsU8a(data, 128)));
      expect(toHex(twox256(data))).toBe(toHex(xxhashAsU8a(data, 256)));
    }),
  );
  expect(toHex(apiId("Core"))).toBe("0xdf6acb689907609b");
  expect(toHex(apiId("TransactionPaymentApi"))).toBe("0x37c8bb1350a9a2a8");
});
