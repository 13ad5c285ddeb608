/** Forgeries without work: a chain of checkpoints that is made up around a model of somebody else, or around none. */
import { seededGenerator } from "../../engine/data/seeded.ts";
import type { Tensors } from "../../engine/tensor.ts";
import { drawAll } from "../init.ts";
import { blend, mapStates } from "./forgery.ts";
import {
  type Attack,
  asItWas,
  disguised,
  labelled,
  legalStart,
  permuted,
  stolen,
  stolenStart,
  straight,
  tell,
  timeOf,
  trained,
} from "./loot.ts";

export const attacksOnRules: readonly Attack[] = [
  {
    name: "copies of one untrained model",
    caughtBy: "rule2",
    run: async (loot) => tell(loot, { state: () => legalStart(loot) }),
  },
  {
    name: "random walk",
    caughtBy: "rule1",
    run: async (loot) => {
      let state = legalStart(loot);
      return tell(loot, {
        state: (step) => {
          if (step > 0) state = disguised(state, 0.02, step);
          return state;
        },
      });
    },
  },
  {
    name: "interpolation from a fresh start that is not the seed's",
    caughtBy: "start",
    run: async (loot) => {
      const fresh = drawAll(loot.job.starts, new Uint8Array(32).fill(77));
      const start = mapStates(([v], name) => fresh[name] ?? (v as Float32Array), legalStart(loot));
      return tell(loot, straight(loot, start, await stolen(loot)));
    },
  },
  {
    name: "interpolation from the legal start to a stolen model",
    caughtBy: "rule6",
    run: async (loot) =>
      tell(
        loot,
        straight(loot, legalStart(loot), await stolen(loot), (t) => t ** 0.7),
      ),
  },
  {
    name: "interpolation from a start blended with the stolen model",
    caughtBy: "start",
    run: async (loot) => {
      const end = await stolen(loot);
      return tell(loot, straight(loot, blend(legalStart(loot), end, 0.3), end));
    },
  },
  {
    name: "stolen model permuted onto the legal start",
    caughtBy: "rule6",
    run: async (loot) =>
      tell(
        loot,
        straight(loot, legalStart(loot), permuted(await stolen(loot), legalStart(loot)), (t) => t ** 0.7),
      ),
  },
  {
    name: "reversed unlearning of a stolen model",
    caughtBy: "start",
    run: async (loot) => {
      const random = seededGenerator(new Uint8Array(32).fill(5));
      const data = await labelled(loot.job.training, () => BigInt(random.below(10)));
      const unlearned = await trained(loot, await stolenStart(loot), { data });
      return tell(loot, { state: (step) => unlearned.states.get(timeOf(loot).steps - step) as Tensors });
    },
  },
  {
    name: "reversed unlearning, led to the legal start",
    caughtBy: "rule6",
    run: async (loot) => {
      const random = seededGenerator(new Uint8Array(32).fill(5));
      const data = await labelled(loot.job.training, () => BigInt(random.below(10)));
      const unlearned = await trained(loot, await stolenStart(loot), { data });
      const total = timeOf(loot).steps;
      const bridge = (step: number) => Math.max(0, 1 - (3 * step) / total);
      return tell(loot, {
        state: (step) => blend(unlearned.states.get(total - step) as Tensors, legalStart(loot), bridge(step)),
      });
    },
  },
  {
    name: "reversed pruning of a stolen model",
    caughtBy: "start",
    run: async (loot) => {
      const end = await stolen(loot);
      const total = timeOf(loot).steps;
      return tell(loot, {
        state: (step) =>
          mapStates(([values]) => {
            const v = values as Float32Array;
            const sizes = [...v].map(Math.abs).sort((a, b) => a - b);
            const cut = sizes[Math.floor((1 - step / total) * (sizes.length - 1))] as number;
            return v.map((x) => (Math.abs(x) >= cut ? x : 0));
          }, end),
      });
    },
  },
  {
    name: "fine-tuning a stolen model",
    caughtBy: "start",
    run: async (loot) => tell(loot, asItWas(await trained(loot, await stolenStart(loot)))),
  },
  {
    name: "fine-tuning a stolen model behind the legal start",
    caughtBy: "re-execution",
    run: async (loot) => {
      const tuned = await trained(loot, await stolenStart(loot));
      return tell(loot, {
        state: (step) => (step === 0 ? legalStart(loot) : (tuned.states.get(step) as Tensors)),
      });
    },
  },
  {
    name: "jumping to a stolen model half-way",
    caughtBy: "re-execution",
    run: async (loot) => {
      const half = timeOf(loot).steps / 2;
      const honest = await trained(loot, legalStart(loot), { until: half });
      const tuned = await trained(loot, await stolenStart(loot), { until: half });
      return tell(loot, {
        state: (step) => (step <= half ? honest.states.get(step) : tuned.states.get(step - half)) as Tensors,
      });
    },
  },
];
