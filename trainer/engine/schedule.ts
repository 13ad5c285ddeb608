/** Learning rates by step: numbers that are made before the run and fed to it, so that they are part of the record. */
import { ensure } from "./error.ts";
import type { Tensor } from "./tensor.ts";
import { tensor } from "./tensor.ts";

export type Schedule =
  | { readonly type: "constant"; readonly lr: number }
  /** Times `factor` after every `every` steps. */
  | { readonly type: "step"; readonly lr: number; readonly every: number; readonly factor: number }
  /** Half a cosine from `lr` down to `final` over all steps. */
  | { readonly type: "cosine"; readonly lr: number; readonly final?: number };

export interface ScheduleOptions {
  /** Steps of the whole job: a cosine ends there. */
  readonly total: number;
  /** The first `warmup` steps rise linearly: step s has (s + 1) / warmup of its rate. */
  readonly warmup?: number;
}

/** The rates of steps `from` up to `from + count`, float32 [count]: what `lr` of a run is. */
export function learningRates(
  schedule: Schedule,
  options: ScheduleOptions,
  from: number,
  count: number,
): Tensor<"float32"> {
  const { lr } = schedule;
  ensure(Number.isFinite(lr) && lr >= 0, "BadJob", `lr is ${lr}, expected a number that is not negative`);
  const rates = Float32Array.from({ length: count }, (_, i) => rateAt(schedule, options, from + i));
  return tensor("float32", [count], rates);
}

function rateAt(schedule: Schedule, { total, warmup = 0 }: ScheduleOptions, step: number): number {
  const rise = step < warmup ? (step + 1) / warmup : 1;
  switch (schedule.type) {
    case "constant":
      return rise * schedule.lr;
    case "step":
      return rise * schedule.lr * schedule.factor ** Math.floor(step / schedule.every);
    case "cosine": {
      const { lr, final = 0 } = schedule;
      // The cosine is rounded to 2^-40, far above what libraries differ by: the same float32 on every machine.
      const cosine = Math.round(Math.cos((Math.PI * step) / total) * 2 ** 40) / 2 ** 40;
      return rise * (final + ((lr - final) * (1 + cosine)) / 2);
    }
  }
}
