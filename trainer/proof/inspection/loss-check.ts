import { chosenLosses } from "../compute.ts";
import { atMost, exactly, type Report, report } from "../rules/report.ts";
import type { Evidence } from "./evidence.ts";

/** Across classes a loss may differ by a relative part and a little more. */
const relative = 1e-3;
const absolute = 1e-4;

/** Check 4: drawn entries of the committed losses of drawn checkpoints are what the inspector computes. */
export async function lossCheck(e: Evidence): Promise<Report> {
  let unequal = 0;
  let worst = { ratio: 0, where: "" };
  let first: string | undefined;
  for (const { checkpoint, entries } of e.challenge.losses) {
    const claimed = (await e.losses(checkpoint)).samples;
    const state = await e.state(checkpoint);
    const found = await chosenLosses(e.device, e.job, state, e.timeline.sampled, entries, {
      signal: e.signal,
    });
    entries.forEach((entry, k) => {
      const [a, b] = [claimed[entry] as number, found[k] as number];
      const where = `checkpoint ${checkpoint}, entry ${entry}: ${a} claimed, ${b} found`;
      if (a !== b) {
        unequal += 1;
        first ??= where;
      }
      const ratio = Math.abs(a - b) / (absolute + relative * Math.abs(b));
      if (!(ratio <= worst.ratio)) worst = { ratio, where };
    });
  }
  return report("losses", "the committed losses are true", [
    e.exact
      ? exactly("losses that differ", unequal, 0, first)
      : atMost("worst difference over tolerance", worst.ratio, 1, worst.where),
  ]);
}
