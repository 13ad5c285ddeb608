/** What a forger has, and the ways to use it that several attacks share. */
import { memoryColumn } from "../../engine/data/column.ts";
import { type Dataset, dataset, range } from "../../engine/data/dataset.ts";
import { childSeed, seededGenerator } from "../../engine/data/seeded.ts";
import type { Device } from "../../engine/device/device.ts";
import { type Tensor, type Tensors, tensor } from "../../engine/tensor.ts";
import { trainLoop } from "../../engine/train-loop.ts";
import { decodeCheckpoint } from "../checkpoint.ts";
import { type Identity, jobSeed } from "../identity.ts";
import { firstState, type Job } from "../job.ts";
import type { Package } from "../package.ts";
import { type Timeline, timelineOf } from "../timeline.ts";
import { blend, forge, mapStates, type Story } from "./forgery.ts";

/** The order, a finished model of somebody else with its proof, and data of one's own. */
export interface Loot {
  readonly device: Device;
  /** A job of the `mlp` family. */
  readonly job: Job;
  readonly identity: Identity;
  /** Another order's honest proof for the same job. */
  readonly foreign: Package;
  /** Data of the same kind that is not the order's. */
  readonly otherData: Dataset;
  /** Where to put the forged package. */
  readonly target: Package;
}

export interface Attack {
  readonly name: string;
  /** The check that cannot miss it; others may find it too. */
  readonly caughtBy: "identity" | "start" | "rule1" | "rule2" | "rule6" | "losses" | "re-execution";
  /** Writes the forged package. */
  run(loot: Loot): Promise<unknown>;
  /** Judged by an inspector of another class: states are compared with tolerance. */
  readonly acrossClasses?: true;
}

export const timeOf = (loot: Loot): Timeline => timelineOf(loot.job.manifest, jobSeed(loot.identity));
export const legalStart = (loot: Loot): Tensors => firstState(loot.job, jobSeed(loot.identity));
export const tell = (loot: Loot, story: Story) =>
  forge(loot.device, loot.job, loot.identity, loot.target, story);

/** A checkpoint of the foreign proof; the last one is the stolen model. */
export async function stolen(loot: Loot, index = timeOf(loot).checkpoints): Promise<Tensors> {
  const bytes = await loot.foreign.checkpoint(index, 1e9);
  return decodeCheckpoint("foreign", bytes, loot.job.train.state).state;
}

/** The state with its step counter set. */
export const atStep = (state: Tensors, step: number): Tensors => ({
  ...state,
  step: tensor("int64", [], BigInt64Array.of(BigInt(step))),
});

/** The stolen model as a start of one's own training. */
export const stolenStart = async (loot: Loot): Promise<Tensors> => atStep(await stolen(loot), 0);

export interface Training {
  readonly states: ReadonlyMap<number, Tensors>;
  readonly losses: Float32Array;
}

/** Training in a way of the forger's own; states every five steps. */
export async function trained(
  loot: Loot,
  start: Tensors,
  change: {
    readonly job?: Job;
    readonly data?: Dataset;
    readonly order?: (from: number, to: number) => BigInt64Array;
    readonly rates?: Job["rates"];
    readonly from?: number;
    readonly until?: number;
  } = {},
): Promise<Training> {
  const job = change.job ?? loot.job;
  const timeline = timeOf(loot);
  const states = new Map<number, Tensors>([[change.from ?? 0, start]]);
  const losses: number[] = [];
  const run = trainLoop(loot.device, {
    program: job.train,
    data: change.data ?? job.training,
    state: start,
    until: change.until ?? timeline.steps,
    order: change.order ?? timeline.rows,
    rates: change.rates ?? job.rates,
    nextStop: (step) => (Math.floor(step / 5) + 1) * 5,
  });
  for await (const part of run) {
    states.set(part.to, part.state);
    losses.push(...part.losses);
  }
  return { states, losses: Float32Array.from(losses) };
}

/** Tells a training as it was. */
export const asItWas = ({ states, losses }: Training): Story => ({
  state: (step) => states.get(step) as Tensors,
  steps: (from, to) => losses.slice(from, to),
});

/** Rates of the job, times a factor. */
export const faster =
  (loot: Loot, factor: number): Job["rates"] =>
  (from, to) => {
    const { dims, data } = loot.job.rates(from, to);
    return tensor(
      "float32",
      dims,
      data.map((rate) => rate * factor),
    );
  };

/** The order's batches, over a data set with another number of rows. */
export const folded =
  (loot: Loot, rows: number) =>
  (from: number, to: number): BigInt64Array =>
    timeOf(loot)
      .rows(from, to)
      .map((row) => row % BigInt(rows));

/** States in a line from a start to an end, with a little noise. */
export function straight(
  loot: Loot,
  start: Tensors,
  end: Tensors,
  ease: (t: number) => number = (t) => t,
): Story {
  const { steps } = timeOf(loot);
  return {
    state: (step) => {
      const between = blend(start, end, ease(step / steps));
      return step === 0 || step === steps ? between : disguised(between, 1e-4, step);
    },
  };
}

/** The foreign proof's states, changed on the way. */
export function replayed(loot: Loot, change: (state: Tensors, step: number) => Tensors): Story {
  const every = loot.job.manifest.checkpointEvery;
  return {
    state: async (step) => {
      const [a, b] = [
        await stolen(loot, Math.floor(step / every)),
        await stolen(loot, Math.ceil(step / every)),
      ];
      return change(blend(a, b, (step % every) / every), step);
    },
  };
}

/** A state with uniform noise of this width, another one for every `salt`. */
export function disguised(state: Tensors, width: number, salt: number): Tensors {
  const random = seededGenerator(childSeed(new Uint8Array(32), "disguise", salt));
  return mapStates(([v]) => (v as Float32Array).map((x) => x + width * (random.float() - 0.5)), state);
}

/** The same inputs with other targets. */
export async function labelled(data: Dataset, label: (row: number) => bigint): Promise<Dataset> {
  const { image } = await data.read(range(0, data.rows));
  const labels = BigInt64Array.from({ length: data.rows }, (_, row) => label(row));
  const target = memoryColumn(tensor("int64", [data.rows], labels));
  return dataset({ image: memoryColumn(image as Tensor), target });
}

/** The same function with hidden units in the order in which they are most alike those of `reference`. */
export function permuted(state: Tensors, reference: Tensors): Tensors {
  const inputs = 196;
  const [w, r] = [state, reference].map((s) => s["hidden.weight"]?.data as Float32Array) as [
    Float32Array,
    Float32Array,
  ];
  const units = w.length / inputs;
  const free = new Set(range(0, units));
  const order = range(0, units).map((unit) => {
    const alike = (candidate: number) => {
      let dot = 0;
      for (let i = 0; i < inputs; i++)
        dot += (w[candidate * inputs + i] as number) * (r[unit * inputs + i] as number);
      return dot;
    };
    const best = [...free].reduce((a, b) => (alike(b) > alike(a) ? b : a));
    free.delete(best);
    return best;
  });
  const unit = (i: number) => order[i] as number;
  return mapStates(([values], name) => {
    const v = values as Float32Array;
    if (name.endsWith("hidden.weight"))
      return v.map((_, i) => v[unit(Math.floor(i / inputs)) * inputs + (i % inputs)] as number);
    if (name.endsWith("hidden.bias")) return v.map((_, i) => v[unit(i)] as number);
    if (name.endsWith("out.weight"))
      return v.map((_, i) => v[Math.floor(i / units) * units + unit(i % units)] as number);
    return v;
  }, state);
}
