import { familyNames } from "./models.ts";

/** A job that an honest trainer might get. */
export interface HonestRun {
  readonly family: string;
  /** In the words of the table. */
  readonly setting: string;
  readonly change: Record<string, unknown>;
}

const normal = (law: "he" | "xavier" | "fanIn") => ({ law, shape: "normal" });
const uniform = (law: "he" | "xavier" | "fanIn") => ({ law, shape: "uniform" });
const drawn = (law: object) => ({ type: "seeded", default: law });

const settings: Record<string, Record<string, unknown>> = {
  "SGD 0.1, gmm2": { optimiser: { type: "sgd", learningRate: 0.1 } },
  "SGD 0.3, fan-in normal, drawdown of 0.25 allowed": {
    // So high a constant rate makes accuracy fall far now and then; an order may say that it expects this.
    thresholds: { drawdown: 0.25 },
    optimiser: { type: "sgd", learningRate: 0.3 },
    initialisation: drawn(normal("fanIn")),
  },
  "SGD 0.03, momentum 0.9, He normal": {
    optimiser: { type: "sgd", learningRate: 0.03, momentum: 0.9 },
    initialisation: drawn(normal("he")),
  },
  "SGD 0.02, Nesterov 0.9, decay 5e-4, cosine after warm-up, Xavier uniform": {
    optimiser: { type: "sgd", learningRate: 0.02, momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    schedule: { type: "cosine", warmup: 20 },
    initialisation: drawn(uniform("xavier")),
  },
  "Adam 0.001, fan-in uniform": {
    optimiser: { type: "adam", learningRate: 0.001 },
    initialisation: drawn(uniform("fanIn")),
  },
  "Adam 0.01, a third every 60 steps, He uniform": {
    optimiser: { type: "adam", learningRate: 0.01 },
    schedule: { type: "step", every: 60, factor: 0.3 },
    initialisation: drawn(uniform("he")),
  },
  "AdamW 0.003, clipped to 1, Xavier normal": {
    optimiser: { type: "adamW", learningRate: 0.003 },
    clipNorm: 1,
    initialisation: drawn(normal("xavier")),
  },
  "AdamW 0.002, decay 0.1, cosine, two batches of 16, gmm2": {
    optimiser: { type: "adamW", learningRate: 0.002, weightDecay: 0.1 },
    schedule: { type: "cosine", final: 0.05 },
    batch: 16,
    accumulate: 2,
  },
};

/** Until the loss vanishes: 48 epochs, 60 checkpoints. */
const converged = {
  optimiser: { type: "sgd", learningRate: 0.02, momentum: 0.9 },
  length: { steps: 3000 },
  checkpointEvery: 50,
  segment: 50,
};

/** Every family with every setting. */
export const honestRuns: readonly HonestRun[] = familyNames.flatMap((family) =>
  Object.entries({ ...settings, "SGD 0.02, momentum 0.9, gmm2, 3,000 steps": converged }).map(
    ([setting, change]) => ({ family, setting, change }),
  ),
);
