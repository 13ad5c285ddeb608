import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { childSeed, permutation, seededGenerator } from "./seeded.ts";

const zero = new Uint8Array(32);
const counting = Uint8Array.from({ length: 32 }, (_, i) => i);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("the stream is ChaCha20 of RFC 8439, appendix A.1, vectors 1 and 2", () => {
  expect(hex(seededGenerator(zero).bytes(128))).toBe(
    "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7" +
      "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586" +
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed" +
      "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
  );
});

test("the stream equals OpenSSL's ChaCha20 however it is cut", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(fc.nat(5000), { maxLength: 8 }),
      (seed, cuts) => {
        const total = cuts.reduce((a, b) => a + b, 0);
        const openssl = createCipheriv("chacha20", seed, Buffer.alloc(16)).update(Buffer.alloc(total));
        const generator = seededGenerator(seed);
        expect(hex(Buffer.concat(cuts.map((n) => generator.bytes(n))))).toBe(hex(openssl));
      },
    ),
    { numRuns: 40 },
  );
});

test("words are little-endian, also across a refill", () => {
  const reference = createCipheriv("chacha20", zero, Buffer.alloc(16)).update(Buffer.alloc(8192));
  const generator = seededGenerator(zero);
  expect(generator.u32()).toBe(0xade0b876);
  expect(generator.u64()).toBe(reference.readBigUInt64LE(4));
  generator.bytes(4094 - 12);
  expect(generator.u32()).toBe(reference.readUInt32LE(4094));
  expect(generator.float()).toBe(Number(reference.readBigUInt64LE(4098) >> 11n) / 2 ** 53);
});

test("below rejects what would bias it", () => {
  const reference = createCipheriv("chacha20", counting, Buffer.alloc(16)).update(Buffer.alloc(4096));
  const n = 3_000_000_000; // 30 % of the words are rejected
  const words = Array.from({ length: 1024 }, (_, i) => reference.readUInt32LE(4 * i)).filter((x) => x < n);
  const generator = seededGenerator(counting);
  expect(Array.from({ length: 500 }, () => generator.below(n))).toEqual(words.slice(0, 500));
  expect(() => generator.below(0)).toThrow(RangeError);
  expect(() => generator.below(2 ** 32 + 1)).toThrow(RangeError);
});

test("test vectors for other implementations", () => {
  // Computed by an implementation written from the description at the top of seeded.ts, in another language.
  expect([...permutation(zero, 10)]).toEqual([6, 8, 2, 7, 9, 5, 1, 0, 3, 4]);
  expect([...permutation(counting, 10)]).toEqual([6, 1, 9, 7, 0, 2, 4, 5, 8, 3]);
  const { u32, below, float, u64 } = seededGenerator(counting);
  expect([u32(), below(1000), float(), u64()]).toEqual([
    2100034873,
    945,
    0.2862985563615571,
    14729830432180286858n,
  ]);
  expect(hex(childSeed(counting, "order", 7))).toBe(
    "c1d06ef47b647ca9a718b6655dc0775eb7b9bafc6b2e58227e0893bf52df157a",
  );
});

test("a permutation holds every number once and follows its seed", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 0, max: 3000 }),
      (seed, n) => {
        const order = permutation(seed, n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(permutation(seed, n)).toEqual(order);
      },
    ),
    { numRuns: 50 },
  );
});

test("every order of four items comes up equally often", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const key = permutation(childSeed(zero, "uniformity", i), 4).join("");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // Chi-square with 23 degrees of freedom: 49.7 is the 0.1 % point, and the seeds are fixed.
  const chi = [...counts.values()].reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
  expect(counts.size).toBe(24);
  expect(chi).toBeLessThan(49.7);
});

test("a seed of another length is refused", () => {
  expect(() => seededGenerator(new Uint8Array(31))).toThrow("32 bytes");
});
