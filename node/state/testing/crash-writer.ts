/**
 * A program that builds blocks for as long as it lives, to be killed at any moment: it reports a version on
 * standard output once that state is written. Argument: the database's folder.
 */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { Database } from "../../db/database.ts";
import { StateDb } from "../state-db.ts";

/** The changes of one block, so that whoever checks can repeat them. */
export function crashChanges(serial: number): Map<string, Uint8Array | undefined> {
  const changes = new Map<string, Uint8Array | undefined>([
    ["serial", Uint8Array.of(serial & 255, serial >> 8)],
  ]);
  for (let i = 0; i < 40; i++) {
    const digest = createHash("sha256").update(`${serial} ${i}`).digest();
    const key = `account ${digest.readUInt16LE() % 300}`;
    changes.set(
      key,
      digest[2]! < 60 ? undefined : new Uint8Array(digest.subarray(0, 20 + (digest[3]! % 12))),
    );
  }
  return changes;
}

async function main(path: string): Promise<void> {
  const database = await Database.open(path);
  const states = await StateDb.open(database, { pruning: 2 });
  let best = states.best;
  let serial = 0;
  const lookup = states.view(best);
  if (lookup.type === "ok") {
    const bytes = lookup.state.get(Buffer.from("serial"))!;
    serial = bytes[0]! + bytes[1]! * 256 + 1;
  }
  for (; ; serial++) {
    // Every third block gets a rival, which is given up when its sibling becomes final.
    if (serial % 3 === 0) {
      const batch = database.batch();
      states.write(batch, states.update(best, crashChanges(serial + 30_000)), { best: false });
      await database.write(batch);
    }
    const update = states.update(best, crashChanges(serial));
    const batch = database.batch();
    states.write(batch, update, { best: true });
    if (best > 0) await states.finalize(batch, best);
    await database.write(batch);
    best = update.version;
    writeSync(1, `${serial} ${Buffer.from(update.rootHash).toString("hex")}\n`);
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2]!);
