import type { Command } from "commander";
import { unitGraph } from "../drilling/unit-graph.ts";
import { EngineError } from "../engine/error.ts";
import { inferProgram } from "../engine/evaluate.ts";
import { meanSquaredError } from "../engine/loss.ts";
import type { Model } from "../engine/onnx/model.ts";
import { sgd } from "../engine/optimiser.ts";
import { warningsOf } from "../engine/plan.ts";
import { elements, zeros } from "../engine/tensor.ts";
import { trainProgram } from "../engine/train.ts";
import { whole } from "./device-options.ts";
import { modelFromFile } from "./model-file.ts";
import { runCommand } from "./run-command.ts";
import { short } from "./terminal.ts";

/** 1 ut of compute. */
const flopPerUt = 432_000_000_000n;

/** `flops MODEL`: what one sample costs, by the canonical counter. */
export function register(program: Command): void {
  const command = program
    .command("flops")
    .summary("count the floating-point operations of a model")
    .description(
      "Counts the operations of one sample, forward and in training, from the model's graph; a model with loops can only be run.",
    )
    .argument("<model>", "ONNX file")
    .option("--batch <n>", "batch size, where the model depends on it", whole, 1);
  runCommand(command, async ({ terminal }, path: string, { batch }: { batch: number }) => {
    const model = modelFromFile(path, { loops: true });
    const { forward, training, parameters } = costOf(model, batch);
    const perSample = (flop: bigint) => Number(flop) / batch;
    const rows: [string, bigint][] = [
      ["forward", forward],
      ...(training === undefined ? [] : [["training step", training] as [string, bigint]]),
    ];
    terminal.answer(
      {
        model: path,
        batch,
        forward,
        training,
        parameters,
        forwardPerSample: perSample(forward),
        warnings: warningsOf(model),
      },
      [
        `${path}: ${model.nodes.length} nodes, ${short(parameters)} trainable parameters`,
        ...rows.map(
          ([name, flop]) =>
            `${name}: ${short(perSample(flop))} FLOP per sample, ${samplesPerUt(flop, batch)} samples per ut`,
        ),
        ...warningsOf(model).map((warning) => `warning: ${warning}`),
      ],
    );
    return undefined;
  });
}

interface Cost {
  readonly forward: bigint;
  readonly training: bigint | undefined;
  readonly parameters: number;
}

/** Of a batch. */
function costOf(model: Model, batch: number): Cost {
  if (model.nodes.every(({ body }) => body === undefined))
    return { forward: inferProgram(model, { batch, steps: 1 }).flopPerStep, ...costOfTraining(model, batch) };
  const inputs = model.inputs.map(({ name, dtype, dims }) => {
    const sizes = dims.map((dim) => (typeof dim === "number" ? dim : batch));
    return [name, zeros(dtype, sizes)] as const;
  });
  return { forward: unitGraph(model, Object.fromEntries(inputs)).flop, training: undefined, parameters: 0 };
}

/** What depends neither on the loss nor on the optimiser: those count no operations. */
function costOfTraining(model: Model, batch: number): Omit<Cost, "forward"> {
  try {
    const program = trainProgram(model, { loss: meanSquaredError(), optimiser: sgd(), batch, steps: 1 });
    const parameters = program.state.filter((s) => s.role === "parameter");
    return {
      training: program.flopPerStep,
      parameters: parameters.reduce((sum, s) => sum + elements(s.dims), 0),
    };
  } catch (error) {
    if (error instanceof EngineError && error.code === "BadJob")
      return { training: undefined, parameters: 0 };
    throw error;
  }
}

const samplesPerUt = (flop: bigint, batch: number): string =>
  flop === 0n ? "unlimited" : short(Number((flopPerUt * BigInt(batch)) / flop));
