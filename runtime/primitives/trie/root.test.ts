import { calculate_state_root } from "@acala-network/chopsticks-executor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderedTrieRoot, trieRoot } from "./root.ts";
import type { StateVersion } from "./state-version.ts";

const hex = (bytes: Uint8Array): `0x${string}` => `0x${Buffer.from(bytes).toString("hex")}`;

/** Keys that share prefixes and are prefixes of one another; values around every threshold. */
const entriesArbitrary = fc.uniqueArray(
  fc.tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc
        .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xff), { maxLength: 5 })
        .map((a) => Uint8Array.from(a)),
      fc.uint8Array({ minLength: 30, maxLength: 140 }),
    ),
    fc
      .constantFrom(0, 1, 5, 27, 31, 32, 33, 34, 63, 64, 100, 17_000)
      .chain((length) => fc.nat(255).map((byte) => new Uint8Array(length).fill(byte))),
  ),
  { selector: ([key]) => hex(key), maxLength: 60, size: "max" },
);

describe.each<StateVersion>([0, 1])("root in state version %i", (version) => {
  test("equals an independent implementation's on random key sets", async () => {
    await fc.assert(
      fc.asyncProperty(entriesArbitrary, async (entries) => {
        const expected = await calculate_state_root(
          entries.map(([key, value]) => [hex(key), hex(value)]),
          version,
        );
        expect(hex(trieRoot(entries, version))).toBe(expected);
      }),
      { numRuns: 150 },
    );
  });

  test("equals an independent implementation's on keys that are accounts", async () => {
    const entries = Array.from({ length: 2000 }, (_, i) => {
      const key = new Uint8Array(80).fill(0x26);
      key.set([(i * 7919) & 255, (i * 104729) & 255, i & 255, i >> 8], 32);
      return [key, new Uint8Array(80).fill(i & 255)] as const;
    });
    const expected = await calculate_state_root(
      entries.map(([key, value]) => [hex(key), hex(value)]),
      version,
    );
    expect(hex(trieRoot(entries, version))).toBe(expected);
  });
});

test("nibble counts at and beyond what the header byte can hold", async () => {
  for (let length = 1; length <= 170; length++) {
    const entries = [[new Uint8Array(length).fill(0xab), new Uint8Array([1])]] as const;
    const expected = await calculate_state_root([[hex(entries[0][0]), "0x01"]], 1);
    expect(hex(trieRoot(entries, 1))).toBe(expected);
  }
});

test("known roots", () => {
  const empty = "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314";
  expect(hex(trieRoot([], 0))).toBe(empty);
  expect(hex(trieRoot([], 1))).toBe(empty);
  expect(hex(orderedTrieRoot([]))).toBe(empty);
});

test("the ordered root keys values by compact index", async () => {
  const values = Array.from({ length: 200 }, (_, i) => new Uint8Array(40 + i).fill(i));
  const key = (i: number) => (i < 64 ? [i << 2] : [((i << 2) | 1) & 255, i >> 6]);
  const expected = await calculate_state_root(
    values.map((value, i) => [hex(Uint8Array.from(key(i))), hex(value)]),
    0,
  );
  expect(hex(orderedTrieRoot(values))).toBe(expected);
});
