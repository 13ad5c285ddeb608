import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface MachineSize {
  /** What it declares, in ut per day. */
  readonly declared: number;
  /** Units of a task in work at once. */
  readonly units: number;
}

/** As much as computes at a GFLOPS: its challenge takes seconds. */
const usual: MachineSize = { declared: 200, units: 8 };
const pricePerUt = 10;
/** The longest training that it takes, in blocks. */
const longest = 1_000;

/**
 * Writes what a trainer of the tour is set up by, and returns where it lies. Several share this machine, so each trains on one
 * thread; all read and write under one folder, as if it were a bucket.
 */
export function writeTrainerConfig(folder: string, storage: string, { declared, units } = usual): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "config.json");
  const offer = { pricePerUt, longest, disk: 1_024 };
  const config = {
    machines: [{ declared, offer, threads: 1 }],
    drilling: { units },
    packages: "file:packages",
    files: resolve(storage),
    claimFrom: 20,
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`);
  return path;
}
