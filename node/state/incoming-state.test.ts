import { describe, expect, test } from "vitest";
import { textKey } from "../../runtime/primitives/key-text.ts";
import { trieRoot } from "../../runtime/primitives/trie/root.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { IncomingState } from "./incoming-state.ts";
import { RootMismatch } from "./root-mismatch.ts";
import type { Entry } from "./state-builder.ts";
import { StateDb } from "./state-db.ts";
import { auditStates } from "./testing/audit.ts";
import { temporaryDatabase } from "./testing/temporary-database.ts";

const entriesOf = (count: number): Entry[] =>
  Array.from({ length: count }, (_, i) => [
    textKey(`key ${(i * 7919) % count}`),
    new Uint8Array(1 + (i % 50)).fill(i),
  ]);

const note = Uint8Array.of(7);
const none = () => {};

/** A database with a first state, final. */
async function withFirstState(database: Database, isFinal = true): Promise<StateDb> {
  const states = await StateDb.open(database, { pruning: 4 });
  const batch = database.batch();
  states.write(
    batch,
    states.update(
      0,
      new Map([
        ["first", Uint8Array.of(1)],
        ["key 3", Uint8Array.of(9)],
      ]),
    ),
    {
      best: true,
    },
  );
  // On a new chain nobody has made the first state final yet.
  if (isFinal) await states.finalize(batch, 1);
  await database.write(batch);
  return states;
}

/** Whatever ends a process: nothing is closed in order, everything is read again. */
const reopened = (database: Database) => StateDb.open(database, { pruning: 4 });

describe("a state from elsewhere", () => {
  test.each([0, 1, 700, 25_000])(
    "of %i entries takes the place of the first one, and goes on",
    async (count) => {
      await using temporary = await temporaryDatabase();
      const { database } = temporary;
      const states = await withFirstState(database);
      const entries = entriesOf(count);
      const incoming = new IncomingState(database);
      await incoming.begin(note);
      for (let at = 0; at < count; at += 999) await incoming.add(entries.slice(at, at + 999), note);
      let told = 0;
      const { version } = await states.adopt({ rootHash: trieRoot(entries, 1), depth: 500 }, (_, made) => {
        told = made;
      });
      expect(told).toBe(version);
      expect(states.best).toBe(version);
      expect(states.view(1).type).toBe("discarded");
      await incoming.discard();
      for (const after of [states, await reopened(database)]) {
        expect(await auditStates(database, after.best)).toEqual([]);
        const lookup = after.view(version);
        if (lookup.type !== "ok") throw new Error(lookup.type);
        for (const [key, value] of entries.slice(0, 50)) expect(lookup.state.get(key)).toEqual(value);
        expect(lookup.state.get(textKey("first"))).toBeUndefined();
      }
      let parent = version;
      for (let i = 0; i < 8; i++) {
        const update = states.update(
          parent,
          new Map([
            ["key 7", undefined],
            ["new", Uint8Array.of(i)],
          ]),
        );
        const batch = database.batch();
        states.write(batch, update, { best: true });
        await states.finalize(batch, update.version);
        await database.write(batch);
        parent = update.version;
      }
      expect(states.view(version).type).toBe("discarded");
      expect(await auditStates(database, states.best)).toEqual([]);
    },
  );

  test("that is not what was promised changes nothing, and what comes after is right", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await withFirstState(database);
    const incoming = new IncomingState(database);
    await incoming.begin(note);
    await incoming.add(entriesOf(300), note);
    const promised = { rootHash: trieRoot(entriesOf(299), 1), depth: 9 };
    await expect(states.adopt(promised, none)).rejects.toThrow(RootMismatch);
    expect(states.best).toBe(1);
    expect(await auditStates(database, 1)).toEqual([]);
    await incoming.begin(note);
    await incoming.add(entriesOf(299), note);
    await states.adopt(promised, none);
    await incoming.discard();
    expect(await auditStates(database, states.best)).toEqual([]);
  });

  test("that was broken off while its trie was made leaves the first one as it was", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await withFirstState(database);
    const incoming = new IncomingState(database);
    await incoming.begin(note);
    const entries = entriesOf(12_000);
    await incoming.add(entries, note);
    const rootHash = trieRoot(entries, 1);
    const brokenOff = states.adopt({ rootHash, depth: 9 }, () => {
      throw new Error("killed");
    });
    await expect(brokenOff).rejects.toThrow("killed");
    let nodes = 0;
    for await (const _ of database.keys(columns.node)) nodes++;
    expect(nodes).toBeGreaterThan(10_000);
    const again = await reopened(database);
    expect(again.best).toBe(1);
    expect(await auditStates(database, 1)).toEqual([]);
    expect(new IncomingState(database).note).toEqual(note);
    await again.adopt({ rootHash, depth: 9 }, none);
    expect(await auditStates(database, again.best)).toEqual([]);
  });

  test("cannot take the place of a chain of states", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await withFirstState(database);
    const batch = database.batch();
    states.write(batch, states.update(1, new Map([["a", note]])), { best: true });
    await database.write(batch);
    await expect(states.adopt({ rootHash: trieRoot([], 1), depth: 9 }, none)).rejects.toThrow("first one");
  });
});
