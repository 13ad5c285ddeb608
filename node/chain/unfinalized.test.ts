/** Where nobody finalizes, the tree of blocks and the open states grow, and a block must cost what it did before. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { Database } from "../db/database.ts";
import { StateDb } from "../state/state-db.ts";
import { Chain } from "./chain.ts";
import { finalityOnRequest } from "./rules.ts";
import { buildToy, hashOf, put, toyGenesis, toyParts } from "./testing/toy-runtime.ts";

test("a block on 2,000 that are not final reads and writes as many rows as one on 20", async () => {
  const folder = mkdtempSync(join(tmpdir(), "unfinalized-"));
  const database = await Database.open(folder);
  const states = await StateDb.open(database, { pruning: 256 });
  const chain = await Chain.open(toyGenesis, toyParts({ database, states, finality: finalityOnRequest }));
  const [reads, writes] = [vi.spyOn(database, "get"), vi.spyOn(database, "write")];
  const rowsAt = new Map<number, readonly number[]>();
  let parent = chain.genesisHash;
  for (let number = 1; number <= 2_010; number++) {
    const block = buildToy(chain, parent, [put(number % 7, `${number % 10}`)]);
    reads.mockClear();
    writes.mockClear();
    await chain.import(block, "sync");
    rowsAt.set(number, [reads.mock.calls.length, writes.mock.calls[0]![0].size]);
    parent = hashOf(block);
  }
  expect(chain.unfinalized()).toHaveLength(2_010);
  // Seven keys take turns, so blocks are alike whose heights differ by a multiple of seven.
  for (let number = 20; number < 27; number++) expect(rowsAt.get(number + 1_981)).toEqual(rowsAt.get(number));
  await chain.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});
