import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textKey } from "../../runtime/primitives/key-text.ts";
import { trieRoot } from "../../runtime/primitives/trie/root.ts";
import { type Entry, restoreState } from "./restore.ts";
import { RootMismatch } from "./root-mismatch.ts";
import { StateDb } from "./state-db.ts";
import { auditStates } from "./testing/audit.ts";
import { temporaryDatabase } from "./testing/temporary-database.ts";

async function* each(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}

const entriesOf = (count: number): Entry[] =>
  Array.from({ length: count }, (_, i) => [
    textKey(`key ${(i * 7919) % count}`),
    new Uint8Array(1 + (i % 50)).fill(i),
  ]);

describe("a restored state", () => {
  test("is the state, and blocks go on from it with pruning", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1, 500, 12_000), fc.nat(100), async (count, depth) => {
        await using temporary = await temporaryDatabase();
        const { database } = temporary;
        const entries = entriesOf(count);
        let version = 0;
        const restored = { rootHash: trieRoot(entries, 1), depth, archive: false };
        const done = await restoreState(database, each(entries), restored, (_, made) => {
          version = made;
        });
        expect(done.entries).toBe(count);
        const states = await StateDb.open(database, { pruning: 1 });
        expect(states.best).toBe(version);
        expect(states.view(1).type).toBe("discarded");
        expect(await auditStates(database, version)).toEqual([]);
        const update = states.update(
          version,
          new Map([
            ["key 7", undefined],
            ["new", Uint8Array.of(1)],
          ]),
        );
        const batch = database.batch();
        states.write(batch, update, { best: true });
        await states.finalize(batch, update.version);
        await database.write(batch);
        expect(states.view(version).type).toBe("discarded");
        expect(await auditStates(database, states.best)).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });

  test("with another root than promised is refused, and its database with it", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const restored = { rootHash: new Uint8Array(32), depth: 5, archive: false };
    await expect(restoreState(database, each(entriesOf(10)), restored, () => {})).rejects.toThrow(
      RootMismatch,
    );
    await expect(StateDb.open(database, { pruning: 1 })).rejects.toMatchObject({
      code: "Corrupt",
      message: expect.stringContaining("broken off"),
    });
  });
});
