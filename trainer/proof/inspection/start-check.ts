import { encodeCheckpoint } from "../checkpoint.ts";
import { firstState } from "../job.ts";
import { exactly, type Report, report } from "../rules/report.ts";
import type { Evidence } from "./evidence.ts";

/** Check 2: the first checkpoint is the seeded initialisation, or the named checkpoint, byte for byte. */
export async function startCheck(e: Evidence): Promise<Report> {
  const expected = encodeCheckpoint({ step: 0, state: firstState(e.job, e.seed) });
  const found = await e.bytes(0);
  let different = Math.abs(expected.length - found.length);
  let first: number | undefined;
  for (let i = 0; i < Math.min(expected.length, found.length); i++) {
    if (expected[i] === found[i]) continue;
    different += 1;
    first ??= i;
  }
  return report("start", "the start is the one that the seed gives", [
    exactly("bytes that differ", different, 0, first === undefined ? undefined : `byte ${first}`),
  ]);
}
