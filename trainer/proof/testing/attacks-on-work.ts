/** Forgeries with some work: a training from the legal start that is not the one that was ordered. */

import type { Dataset } from "../../engine/data/dataset.ts";
import { range } from "../../engine/data/dataset.ts";
import { type Tensor, type Tensors, tensor } from "../../engine/tensor.ts";
import { createJob } from "../job.ts";
import { timelineOf } from "../timeline.ts";
import { mapStates } from "./forgery.ts";
import {
  type Attack,
  asItWas,
  atStep,
  disguised,
  faster,
  folded,
  type Loot,
  labelled,
  legalStart,
  stolen,
  type Training,
  tell,
  timeOf,
  trained,
} from "./loot.ts";
import { familyModel } from "./models.ts";

export const attacksOnWork: readonly Attack[] = [
  {
    name: "distillation from a stolen model",
    caughtBy: "re-execution",
    run: async (loot) => {
      // Soft work: labels of the stolen model on data of the forger's own choice, half of the steps at twice the rate.
      const end = await stolen(loot);
      const said = await predictionsOf(loot, end, loot.otherData);
      const data = await labelled(loot.otherData, (row) => said[row] as bigint);
      const half = await trained(loot, legalStart(loot), {
        data,
        order: folded(loot, data.rows),
        rates: faster(loot, 2),
        until: timeOf(loot).steps / 2,
      });
      return tell(loot, { state: (step) => half.states.get(step / 2) as Tensors });
    },
  },
  {
    name: "fewer steps: half of them at twice the rate",
    caughtBy: "re-execution",
    run: async (loot) => {
      const half = await trained(loot, legalStart(loot), {
        rates: faster(loot, 2),
        until: timeOf(loot).steps / 2,
      });
      return tell(loot, { state: (step) => half.states.get(step / 2) as Tensors });
    },
  },
  {
    name: "fewer steps: every second segment skipped",
    caughtBy: "re-execution",
    run: async (loot) => {
      const { segment } = loot.job.manifest;
      let state = legalStart(loot);
      return tell(loot, {
        state: async (step) => {
          const from = step - segment;
          if ((from / segment) % 2 === 1) state = disguised(state, 1e-3, step);
          else if (step > 0)
            state = (await trained(loot, atStep(state, from), { from, until: step })).states.get(
              step,
            ) as Tensors;
          return state;
        },
      });
    },
  },
  {
    name: "less data: a quarter of it",
    caughtBy: "re-execution",
    run: async (loot) => {
      const { rows } = timeOf(loot);
      const quarter = BigInt(Math.floor(loot.job.training.rows / 4));
      const order = (a: number, b: number) => rows(a, b).map((row) => row % quarter);
      return tell(loot, asItWas(await trained(loot, legalStart(loot), { order })));
    },
  },
  {
    name: "other data of the same kind",
    caughtBy: "re-execution",
    run: async (loot) =>
      tell(
        loot,
        asItWas(
          await trained(loot, legalStart(loot), {
            data: loot.otherData,
            order: folded(loot, loot.otherData.rows),
          }),
        ),
      ),
  },
  {
    name: "training only the head",
    caughtBy: "re-execution",
    run: async (loot) => {
      const { manifest, training } = loot.job;
      const head = { ...manifest, model: { ...manifest.model, train: ["out.weight", "out.bias"] } };
      const job = createJob(head, familyModel("mlp"), { training });
      const whole = legalStart(loot);
      // The rest of the network stays at the legal start: as frozen weights of the forger's own program.
      const begin = Object.fromEntries(
        job.train.state.map(({ name }) => [name, whole[name] as NonNullable<Tensors[string]>]),
      );
      const run = await trained(loot, begin, { job });
      return tell(loot, { state: (step) => ({ ...whole, ...(run.states.get(step) as Tensors) }) });
    },
  },
  {
    name: "lower precision than declared",
    caughtBy: "re-execution",
    run: async (loot) => tell(loot, asItWas(await coarse(loot))),
  },
  {
    name: "lower precision than declared, seen from another class",
    caughtBy: "re-execution",
    acrossClasses: true,
    run: async (loot) => tell(loot, asItWas(await coarse(loot))),
  },
  {
    name: "another learning rate",
    caughtBy: "re-execution",
    run: async (loot) =>
      tell(loot, asItWas(await trained(loot, legalStart(loot), { rates: faster(loot, 1.2) }))),
  },
  {
    name: "wrong batch order",
    caughtBy: "re-execution",
    run: async (loot) => {
      const { rows } = timelineOf(loot.job.manifest, new Uint8Array(32).fill(9));
      return tell(loot, asItWas(await trained(loot, legalStart(loot), { order: rows })));
    },
  },
  {
    name: "wrong batch order, seen from another class",
    caughtBy: "re-execution",
    acrossClasses: true,
    run: async (loot) => {
      const { rows } = timelineOf(loot.job.manifest, new Uint8Array(32).fill(9));
      return tell(loot, asItWas(await trained(loot, legalStart(loot), { order: rows })));
    },
  },
];

/** Training whose whole state is rounded to bfloat16 after every fifth step. */
async function coarse(loot: Loot): Promise<Training> {
  let state = legalStart(loot);
  const states = new Map<number, Tensors>([[0, state]]);
  const losses: number[] = [];
  for (let from = 0; from < timeOf(loot).steps; from += 5) {
    const part = await trained(loot, state, { from, until: from + 5 });
    state = mapStates(([values]) => halved(values as Float32Array), part.states.get(from + 5) as Tensors);
    states.set(from + 5, state);
    losses.push(...part.losses);
  }
  return { states, losses: Float32Array.from(losses) };
}

/** The upper 16 bits of each value, rounded: what bfloat16 keeps. */
function halved(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  return new Float32Array(bits.map((b) => ((b + 0x8000) & 0xffff0000) >>> 0).buffer);
}

/** The classes that a model says for every row. */
async function predictionsOf(loot: Loot, state: Tensors, data: Dataset): Promise<BigInt64Array> {
  const { evaluate } = loot.job;
  const { batch } = evaluate;
  const count = Math.ceil(data.rows / batch);
  const order = BigInt64Array.from({ length: count * batch }, (_, i) => BigInt(i % data.rows));
  const { results } = await loot.device.run(evaluate, {
    state: Object.fromEntries(evaluate.state.map(({ name }) => [name, state[name] as Tensor])),
    data: await data.read(range(0, data.rows)),
    order: tensor("int64", [count, batch], order),
  });
  return results.predictions?.data as BigInt64Array;
}
