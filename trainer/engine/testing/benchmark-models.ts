/** The networks of the throughput benchmark, on which results may depend on the number of threads if anywhere. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { childSeed, type SeededGenerator, seededGenerator } from "../data/seeded.ts";
import { evaluateProgram } from "../evaluate.ts";
import { softmaxCrossEntropy } from "../loss.ts";
import { readModel } from "../onnx/read.ts";
import { sgd } from "../optimiser.ts";
import type { DataSpec, Program, RunInput, StateSpec } from "../program.ts";
import { learningRates } from "../schedule.ts";
import type { Tensor } from "../tensor.ts";
import { elements, tensor } from "../tensor.ts";
import { initialState, trainProgram } from "../train.ts";

export const benchmarkNames = ["mlp", "cnn", "transformer"] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

export interface Benchmark {
  readonly program: Program;
  readonly evaluation: Program;
  /** A fresh start of so many steps, the same every time. */
  input(steps: number): RunInput;
}

/** Momentum SGD on 64 samples (16 sequences for the transformer) a step. */
export function benchmark(name: BenchmarkName): Benchmark {
  const file = join(import.meta.dirname, `../../../test/models/bench-${name}.onnx`);
  const model = readModel(readFileSync(file));
  const batch = name === "transformer" ? 16 : 64;
  const options = { loss: softmaxCrossEntropy(), optimiser: sgd({ momentum: 0.9 }), batch, steps: 50 };
  const program = trainProgram(model, options);
  return {
    program,
    evaluation: evaluateProgram(model, options),
    input(steps) {
      const rows = steps * batch;
      const classes = program.data.at(-1)!.below!;
      const random = (label: string) => seededGenerator(childSeed(new Uint8Array(32), label));
      const parameters = program.state.filter(({ role }) => role === "parameter");
      const filled = parameters.map((spec) => [spec.name, weights(spec, random(spec.name))] as const);
      return {
        // The file has zeros: they take no room in the history.
        state: { ...initialState(program, model), ...Object.fromEntries(filled) },
        data: Object.fromEntries(
          program.data.map((spec) => [spec.name, samples(spec, rows, classes, random(spec.name))]),
        ),
        order: tensor(
          "int64",
          [steps, batch],
          BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
        ),
        lr: learningRates({ type: "constant", lr: 0.01 }, { total: steps }, 0, steps),
      };
    },
  };
}

function weights({ name, dims }: StateSpec, random: SeededGenerator): Tensor {
  const scale = dims.length > 1 ? Math.sqrt(6 / elements(dims.slice(1))) : 0;
  const offset = /norm.*weight/.test(name) ? 1 : 0;
  const data = Float32Array.from({ length: elements(dims) }, () => scale * (2 * random.float() - 1) + offset);
  return tensor("float32", dims, data);
}

function samples({ dtype, dims }: DataSpec, rows: number, classes: number, random: SeededGenerator): Tensor {
  const shape = [rows, ...dims];
  const length = elements(shape);
  return dtype === "int64"
    ? tensor(
        "int64",
        shape,
        BigInt64Array.from({ length }, () => BigInt(random.below(classes))),
      )
    : tensor(
        "float32",
        shape,
        Float32Array.from({ length }, () => 2 * random.float() - 1),
      );
}
