import { createCipheriv } from "node:crypto";
import { expect, test } from "vitest";
import { chacha20 } from "./chacha20.ts";

const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const nonce = Uint8Array.from({ length: 12 }, (_, i) => 200 + i);

/** The keystream of OpenSSL, whose initial vector is the block's number and the nonce. */
function oracle(block: number, length: number): Uint8Array {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(block);
  iv.set(nonce, 4);
  return new Uint8Array(createCipheriv("chacha20", key, iv).update(Buffer.alloc(length)));
}

test("is the keystream of another implementation, from any block on", () => {
  const stream = oracle(5, 1000);
  expect(new Uint8Array(chacha20(key, nonce, 5, 1000))).toEqual(stream);
  expect(new Uint8Array(chacha20(key, nonce, 8, 1000 - 3 * 64))).toEqual(stream.slice(3 * 64));
});

test("gives the first block of the example in RFC 8439, 2.4.2", () => {
  const sunscreen = Uint8Array.from({ length: 32 }, (_, i) => i);
  const stream = chacha20(sunscreen, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0), 1, 64);
  expect(Buffer.from(stream).toString("hex").slice(0, 32)).toBe("224f51f3401bd9e12fde276fb8631ded");
});
