import type { Ctx } from "../../../runtime/frame/ctx.ts";
import type { Benchmark } from "../../../runtime/frame/testing/benchmark.ts";
import { now, storage as timestamp } from "../../timestamp/index.ts";
import { startScore } from "../credit.ts";
import { credit, storage, weightOf } from "../index.ts";

const trainer = new Uint8Array(32).fill(1);
const effective = (1n << 150n) + 12_345n;

/** A score of each kind that was last changed some odd time ago. */
function scored(ctx: Ctx, updated: bigint): void {
  const score = { total: 1n << 60n, effective, updated };
  storage.Scores.set(ctx, trainer, { drilling: score, training: score });
}

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "creditWeight",
    prepare(ctx) {
      const at = now(ctx);
      scored(ctx, at - 123_457n);
      const source = { type: "Task", value: 7 } as const;
      const work = { trainer, work: 999_999n, start: at - 77_777n, end: at - 33n, source };
      return (run) => credit(run, { ...work, kind: "Drilling" });
    },
  },
  {
    weight: "weightOfWeight",
    prepare(ctx) {
      scored(ctx, now(ctx) - 123_457n);
      return (run) => void weightOf(run, trainer, timestamp.Now.get(run));
    },
  },
  {
    weight: "startWeight",
    prepare(ctx) {
      scored(ctx, 0n);
      return (run) => {
        for (const kind of ["Drilling", "Training"] as const) startScore(run, trainer, kind);
      };
    },
  },
];
