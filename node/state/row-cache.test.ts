import fc from "fast-check";
import { expect, test } from "vitest";
import { versionSize, writeVersion } from "../../runtime/primitives/trie/node-address.ts";
import { RowCache } from "./row-cache.ts";

function addressOf(version: number, path: readonly number[]): Uint8Array {
  const address = new Uint8Array(versionSize + path.length);
  writeVersion(address, 0, version);
  address.set(path, versionSize);
  return address;
}

const path = fc.array(fc.nat(3), { maxLength: 4 });
const put = fc.record({
  path,
  length: fc.constantFrom(1, 40, 41, 100),
  version: fc.nat(5),
  fill: fc.nat(255),
});

test("gives back what was put there for that version, or nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1024, 4096, 65_536, 1 << 22),
      fc.array(put, { maxLength: 150, size: "max" }),
      (size, puts) => {
        const cache = new RowCache(size);
        const model = new Map<string, Uint8Array>();
        const newest = new Map<string, number>();
        let bytes = 0;
        for (const { path, length, version, fill } of puts) {
          const address = addressOf(version, path);
          const row = model.get(address.join()) ?? new Uint8Array(length).fill(fill);
          cache.set(address, row);
          bytes += row.length + 16;
          model.set(address.join(), row);
          newest.set(path.join(), Math.max(version, newest.get(path.join()) ?? 0));
          // What was just put is there, unless something newer is.
          if (newest.get(path.join()) === version && row.length * 8 + 200 < size) {
            expect(cache.get(address)).toEqual(row);
          }
          for (const put of puts) {
            const found = cache.get(addressOf(put.version, put.path));
            if (found) expect(found).toEqual(model.get(addressOf(put.version, put.path).join()));
          }
        }
        // As long as everything fits, the newest row of every path stays.
        if (bytes * 2 < size) {
          for (const [text, version] of newest) {
            const at = addressOf(version, text === "" ? [] : text.split(",").map(Number));
            expect(cache.get(at)).toEqual(model.get(at.join()));
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("keeps what it holds while it grows", () => {
  const cache = new RowCache(1 << 23);
  const rows = Array.from({ length: 9000 }, (_, i) => ({
    address: addressOf(i, [i & 15, (i >> 4) & 255, i >> 12]),
    row: new Uint8Array(300 + (i % 7)).fill(i),
  }));
  for (const { address, row } of rows) cache.set(address, row);
  const found = rows.filter(({ address }) => cache.get(address));
  for (const { address, row } of found) expect(cache.get(address)).toEqual(row);
  // A table half full loses few.
  expect(found.length).toBeGreaterThan(8900);
  expect(cache.bytes).toBeLessThan(10 << 20);
});
