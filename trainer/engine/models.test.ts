import { describe, expect, test } from "vitest";
import { inferProgram } from "./evaluate.ts";
import type { Tensor } from "./tensor.ts";
import { tensor } from "./tensor.ts";
import { benchmark } from "./testing/benchmark-models.ts";
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
  test("gives a sample the same loss wherever it stands and whoever stands beside it", async () => {
    for (const name of ["mlp", "cnn", "transformer"] as const) {
      const { evaluation, input } = benchmark(name);
      const given = input(2);
      const { batch } = evaluation;
      for (const threads of [1, 3]) {
        const session = await openLocal(evaluation, threads);
        const losses = async (rows: readonly number[]) => {
          const order = tensor("int64", [1, batch], BigInt64Array.from(rows, BigInt));
          const { results } = await session.run({ state: given.state, data: given.data, order });
          return Array.from(results.losses!.data, Number);
        };
        const rows = [...Array(batch).keys()];
        const straight = await losses(rows);
        expect((await losses(rows.toReversed())).reverse(), name).toEqual(straight);
        const among = await losses(rows.map((row) => (row === 5 ? row : row + batch)));
        expect(among[5], name).toBe(straight[5]);
        expect(among[6], name).not.toBe(straight[6]);
        await session.close();
      }
    }
  });
});
