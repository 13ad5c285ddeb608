import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { determinismClass } from "./device/determinism.ts";
import type { Program, RunInput, RunOutput } from "./program.ts";
import { tensorBytes } from "./tensor.ts";
import { benchmark, benchmarkNames } from "./testing/benchmark-models.ts";
import { exported, exportedNames, inputOf, optimisers, trainExported } from "./testing/exported.ts";
import { openLocal } from "./testing/local-session.ts";

const optimiserNames = ["sgd", "adamw"] as const;
const runs = exportedNames.flatMap((name) => optimiserNames.map((optimiser) => [name, optimiser] as const));

/** One hash of a whole state. */
function hash({ state }: RunOutput): string {
  const all = createHash("sha256");
  for (const name of Object.keys(state).sort()) all.update(tensorBytes(state[name]!));
  return all.digest("hex").slice(0, 16);
}

/** Program and state by run: a change of either is a change of what verifiers compare. */
const found: Record<string, { readonly program: string; readonly state: string }> = {};

/** The one state that all numbers of threads come to. */
async function sameForAll(
  label: string,
  program: Program,
  input: RunInput,
  threads: readonly number[],
): Promise<void> {
  const hashes: string[] = [];
  for (const count of threads) {
    const session = await openLocal(program, count);
    hashes.push(hash(await session.run(input)));
    if (count === 2) hashes.push(hash(await session.run(input)));
    await session.close();
  }
  expect(new Set(hashes).size, `hashes ${hashes}`).toBe(1);
  found[label] = { program: program.id, state: hashes[0]! };
}

describe("the same bits", () => {
  test.each(runs)("for 1, 2 and 3 threads, and again: %s with %s", async (name, optimiser) => {
    const given = exported(name);
    const program = trainExported(given, optimiser);
    await sameForAll(
      `${name}/${optimiser}`,
      program,
      inputOf(given, program, optimisers[optimiser].lr, 0, 20),
      [1, 2, 3],
    );
  });

  test.each(benchmarkNames)("for 1, 2, 3 and 7 threads where products are large: %s", async (name) => {
    const { program, input } = benchmark(name);
    await sameForAll(`bench-${name}/sgd`, program, input(3), [1, 2, 3, 7]);
  });

  test.each(["mlp", "resnet", "transformer"] as const)(
    "in one run and stopped and resumed: %s",
    async (name) => {
      const given = exported(name);
      const program = trainExported(given, "adamw");
      const { lr } = optimisers.adamw;
      const session = await openLocal(program);
      const whole = await session.run(inputOf(given, program, lr, 0, 20));
      const part = await session.run(inputOf(given, program, lr, 0, 7));
      const rest = await session.run(inputOf(given, program, lr, 7, 20, part.state));
      expect(hash(rest)).toBe(hash(whole));
      expect([...part.results.losses!.data, ...rest.results.losses!.data]).toEqual([
        ...whole.results.losses!.data,
      ]);
      await session.close();
    },
  );

  test("as ever, on machines of the class", async () => {
    // Elsewhere the bits are others, and the tests above still hold.
    if ((await determinismClass("cpu")) !== "cpu-x86-fma") return;
    await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot("golden/bits.json");
  });
});
