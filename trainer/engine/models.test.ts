import { describe, expect, test } from "vitest";
import { evaluateProgram, inferProgram } from "./evaluate.ts";
import type { Tensor } from "./tensor.ts";
import { tensor } from "./tensor.ts";
import { batch, exported, exportedNames, inputOf, optimisers, trainExported } from "./testing/exported.ts";
import { openLocal } from "./testing/local-session.ts";

const optimiserNames = ["sgd", "adamw"] as const;

const worst = (a: Tensor, b: Tensor): number => {
  expect(a.dims).toEqual(b.dims);
  return (a.data as Float32Array).reduce((max, x, i) => Math.max(max, Math.abs(x - Number(b.data[i]))), 0);
};

describe.each(exportedNames)("%s as PyTorch exported it", (name) => {
  test("says what PyTorch says", async () => {
    const given = exported(name);
    const program = inferProgram(given.model, { batch, steps: 1 });
    const session = await openLocal(program);
    const { order, state, data } = inputOf(given, program, 0, 0, 1);
    const { results } = await session.run({ state, data: { x: data.x! }, order });
    const { outputs } = results;
    expect(worst({ ...outputs!, dims: outputs!.dims.slice(1) }, given.reference.output!)).toBeLessThan(1e-5);
    await session.close();
  });

  test.each(optimiserNames)(
    "has PyTorch's parameters and losses after 1 and 20 steps of %s",
    async (optimiser) => {
      const given = exported(name);
      const program = trainExported(given, optimiser);
      const { lr } = optimisers[optimiser];
      const session = await openLocal(program);
      for (const steps of [1, 20]) {
        const { state, results } = await session.run(inputOf(given, program, lr, 0, steps));
        const known = program.state.filter(({ role }) => role === "parameter" || role === "statistic");
        expect(known.length).toBeGreaterThan(3);
        for (const { name: tensorName } of known) {
          const expected = given.reference[`${optimiser}/${steps}/${tensorName}`];
          expect(worst(state[tensorName]!, expected!), `${tensorName} after ${steps}`).toBeLessThan(1e-4);
        }
        const losses = given.reference[`${optimiser}/losses`] as Tensor<"float32">;
        const seen = tensor("float32", [steps], losses.data.slice(0, steps));
        expect(worst(results.losses!, seen)).toBeLessThan(1e-5);
        expect(state.step!.data[0]).toBe(BigInt(steps));
      }
      await session.close();
    },
  );
});

describe("evaluation", () => {
  test("gives a sample the same loss wherever it stands in a batch, and predicts what the output says", async () => {
    const given = exported("lenet");
    const program = evaluateProgram(given.model, { loss: given.loss, batch, steps: 1 });
    const session = await openLocal(program);
    const input = inputOf(given, program, 0, 0, 1);
    const losses = async (rows: readonly number[]) => {
      const order = tensor("int64", [1, batch], BigInt64Array.from(rows, BigInt));
      return (await session.run({ ...input, order })).results;
    };
    const straight = await losses([0, 1, 2, 3, 4, 5, 6, 7]);
    const turned = await losses([7, 6, 5, 4, 3, 2, 1, 0]);
    const others = await losses([30, 31, 2, 29, 28, 27, 26, 25]);
    expect([...straight.losses!.data].reverse()).toEqual([...turned.losses!.data]);
    expect(others.losses!.data[2]).toBe(straight.losses!.data[2]);
    expect(straight.predictions!.dims).toEqual([1, batch]);
    await session.close();
  });
});
