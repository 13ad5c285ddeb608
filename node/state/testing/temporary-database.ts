import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../db/database.ts";

/** A new database in a folder of its own, gone with the folder when it is disposed of. */
export async function temporaryDatabase(): Promise<{ database: Database } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "state-"));
  const database = await Database.open(join(folder, "data"));
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
