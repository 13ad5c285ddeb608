import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Metrics } from "../metrics/metrics.ts";

const everyMs = 30_000;

/** Keeps the metric of the database's size true, until the returned function is called. */
export function measureDatabase(folder: string, metrics: Metrics): () => void {
  const measure = (): void => metrics.databaseBytes.set(sizeOf(folder));
  measure();
  const timer = setInterval(measure, everyMs).unref();
  return () => clearInterval(timer);
}

/** Bytes of the files in a folder. LevelDB removes files while we look; what is gone counts nothing. */
function sizeOf(folder: string): number {
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
