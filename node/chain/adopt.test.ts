import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Database } from "../db/database.ts";
import { IncomingState } from "../state/incoming-state.ts";
import { StateDb } from "../state/state-db.ts";
import { auditStates } from "../state/testing/audit.ts";
import { Chain } from "./chain.ts";
import type { Hash } from "./hash.ts";
import { finalityOnRequest } from "./rules.ts";
import { buildToy, put, toyGenesis, toyParts } from "./testing/toy-runtime.ts";
import type { Head } from "./types.ts";

const height = 9;
let folder: string;
let ends: (() => Promise<void>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "adopt-"));
  ends = [];
});
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  rmSync(folder, { recursive: true, force: true });
});

async function open(name: string) {
  const database = await Database.open(join(folder, name));
  const states = await StateDb.open(database, { pruning: 256 });
  const chain = await Chain.open(toyGenesis, toyParts({ database, states, finality: finalityOnRequest }));
  ends.push(async () => {
    await chain.close();
    await database.close();
  });
  return { database, states, chain };
}

const blockAt = ({ chain }: { chain: Chain }, number: number) => {
  const hash = chain.hashAt(number)!;
  return { header: chain.header(hash)!, extrinsics: chain.body(hash)! };
};

/** A chain of some blocks, and a new node into whose free column the state of the last one has come. */
async function pair() {
  const [full, fresh] = [await open("full"), await open("fresh")];
  for (let i = 0; i < height; i++) {
    const result = await full.chain.import(
      buildToy(full.chain, full.chain.best.hash, [put(i + 1, `value ${i}`)]),
      "network",
    );
    if (result.type === "refused") throw new Error(result.message);
  }
  const lookup = full.chain.stateAt(full.chain.best.hash);
  if (lookup.type !== "ok") throw new Error(lookup.type);
  const incoming = new IncomingState(fresh.database);
  await incoming.begin(Uint8Array.of(1));
  await incoming.add([...lookup.state.entries()], Uint8Array.of(2));
  return { full, fresh, incoming };
}

describe("a final block from elsewhere", () => {
  test("takes genesis's place, with a gap that is filled from the top", async () => {
    const { full, fresh, incoming } = await pair();
    const told: string[] = [];
    for (const name of ["imported", "best", "finalized"] as const) {
      const note = ({ number }: Head) => void told.push(`${name} ${number}`);
      fresh.chain.events.on(name, note);
    }
    const block = blockAt(full, height);
    const justifications = [["FRNK", Uint8Array.of(7)]] as const;
    expect(await fresh.chain.adopt({ block, justifications })).toBeUndefined();
    await incoming.discard();
    expect(told).toEqual([`imported ${height}`, `best ${height}`, `finalized ${height}`]);
    expect(fresh.chain.best).toEqual(full.chain.best);
    expect(fresh.chain.justifications(fresh.chain.best.hash)).toEqual(justifications);
    expect(fresh.chain.gap).toMatchObject({ from: 1, to: height - 1, head: { number: height - 1 } });
    expect(await auditStates(fresh.database, fresh.states.best)).toEqual([]);

    const next = buildToy(full.chain, full.chain.best.hash, [put(1, "after")]);
    expect(await fresh.chain.import(next, "network")).toMatchObject({ type: "imported", isBest: true });

    await fresh.chain.fillGap([blockAt(full, 8), blockAt(full, 7)]);
    expect(fresh.chain.gap).toMatchObject({ to: 6, head: { hash: full.chain.hashAt(6) } });
    await expect(fresh.chain.fillGap([blockAt(full, 5)])).rejects.toThrow("does not belong below 7");
    await fresh.chain.fillGap([6, 5, 4, 3, 2, 1].map((number) => blockAt(full, number)));
    expect(fresh.chain.gap).toBeUndefined();
    for (let number = 0; number <= height; number++) {
      const hash = full.chain.hashAt(number) as Hash;
      expect(fresh.chain.hashAt(number)).toBe(hash);
      expect(fresh.chain.body(hash)).toEqual(full.chain.body(hash));
      expect(fresh.chain.stateAt(hash).type).toBe(number === height ? "ok" : "discarded");
    }
    await expect(fresh.chain.fillGap([])).rejects.toThrow("no gap");
  });

  test("whose state has not come changes nothing", async () => {
    const { full, fresh } = await pair();
    const block = blockAt(full, height - 1);
    expect(await fresh.chain.adopt({ block, justifications: [] })).toMatchObject({ code: "BadExecution" });
    expect(fresh.chain.best.number).toBe(0);
    expect(fresh.chain.gap).toBeUndefined();
    expect(await fresh.chain.import(blockAt(full, 1), "network")).toMatchObject({ type: "imported" });
  });

  test("is refused where other blocks are", async () => {
    const { full, fresh } = await pair();
    await fresh.chain.import(blockAt(full, 1), "network");
    const block = blockAt(full, height);
    expect(await fresh.chain.adopt({ block, justifications: [] })).toMatchObject({
      code: "NotOnFinalizedChain",
    });
  });
});
