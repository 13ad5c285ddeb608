import { calculate_state_root, decode_proof } from "@acala-network/chopsticks-executor";
import { validateProofs } from "@polkadot-api/substrate-bindings";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blake2_256 } from "../hashing.ts";
import { keyText } from "../key-text.ts";
import { MemoryNodes } from "./memory-nodes.ts";
import { emptyRoot } from "./node-writer.ts";
import { createProof, verifyProof } from "./proof.ts";
import type { StateVersion } from "./state-version.ts";
import { updateTrie } from "./update.ts";

const hex = (bytes: Uint8Array): `0x${string}` => `0x${Buffer.from(bytes).toString("hex")}`;

const key = fc.oneof(
  fc.array(fc.constantFrom(0x00, 0x01, 0x10), { maxLength: 4 }).map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ minLength: 16, maxLength: 48 }),
);
const entries = fc.uniqueArray(
  fc.tuple(
    key,
    fc.constantFrom(1, 31, 32, 33, 100).map((length) => new Uint8Array(length).fill(length)),
  ),
  { selector: ([k]) => keyText(k), minLength: 1, maxLength: 25, size: "max" },
);

function build(all: readonly (readonly [Uint8Array, Uint8Array])[], version: StateVersion) {
  const store = new MemoryNodes();
  const changes = all
    .map(([k, value]) => ({ key: k, value }))
    .sort((a, b) => (keyText(a.key) < keyText(b.key) ? -1 : 1));
  const update = updateTrie(store, undefined, 1, changes, version)!;
  store.add(update);
  return { store, root: update.root, rootHash: update.rootHash };
}

describe.each<StateVersion>([0, 1])("proofs in state version %i", (version) => {
  test("prove presence and absence, to us and to two independent verifiers", async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.array(key, { maxLength: 6 }), async (all, probes) => {
        const { store, root, rootHash } = build(all, version);
        expect(hex(rootHash)).toBe(
          await calculate_state_root(
            all.map(([k, v]) => [hex(k), hex(v)]),
            version,
          ),
        );
        const keys = [...probes, ...all.slice(0, 5).map(([k]) => k)];
        const proof = createProof(store, root, keys);
        const model = new Map(all.map(([k, v]) => [keyText(k), v]));
        const expected = keys.map((k) => model.get(keyText(k)));
        expect(verifyProof(rootHash, proof, keys)).toEqual({ ok: true, values: expected });

        const pairs: [string, string][] = await decode_proof(hex(rootHash), proof.map(hex));
        const proven = new Map(pairs);
        for (const [i, k] of keys.entries()) {
          const value = expected[i];
          if (value) expect(proven.get(hex(k))).toBe(hex(value));
          else expect(proven.has(hex(k))).toBe(false);
        }
        expect(validateProofs(proof.map(hex))?.rootHash).toBe(hex(rootHash));
      }),
      { numRuns: 150 },
    );
  });

  test("a proof without one of its parts, or with a changed one, proves nothing false", () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (all, pick, bit) => {
        const { store, root, rootHash } = build(all, version);
        const keys = all.map(([k]) => k);
        const proof = createProof(store, root, keys);
        const at = pick % proof.length;
        const missing = verifyProof(rootHash, proof.toSpliced(at, 1), keys);
        expect(missing).toEqual({ ok: false, code: "Incomplete" });
        const changed = proof[at]!.slice();
        changed[(bit >> 3) % changed.length]! ^= 1 << (bit & 7);
        expect(verifyProof(rootHash, proof.with(at, changed), keys).ok).toBe(false);
      }),
    );
  });
});

test("an empty state proves that every key is absent", () => {
  const proof = createProof(new MemoryNodes(), undefined, [Uint8Array.of(1)]);
  expect(verifyProof(emptyRoot, proof, [Uint8Array.of(1)])).toEqual({ ok: true, values: [undefined] });
});

test("bytes that are no node are refused, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const proof = [bytes];
      // Hash it as the root, so that it is really looked at.
      const result = verifyProof(blake2_256(bytes), proof, [Uint8Array.of(0)]);
      expect(["BadNode", "Incomplete", undefined]).toContain(result.ok ? undefined : result.code);
    }),
    { numRuns: 3000 },
  );
});
