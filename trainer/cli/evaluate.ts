import { type Command, Option } from "commander";
import { openData } from "../engine/data/source.ts";
import { evaluateProgram } from "../engine/evaluate.ts";
import { type Classification, type Evaluation, evaluation } from "../engine/evaluation.ts";
import type { Tensor } from "../engine/tensor.ts";
import { shapeOf } from "../job/open-job.ts";
import { lossOf } from "../proof/job.ts";
import { type Manifest, manifestSchema } from "../proof/manifest.ts";
import { type DataFlags, dataOptions, dataSourceOf } from "./data-source.ts";
import { type DeviceFlags, deviceOf, deviceOptions, whole } from "./device-options.ts";
import { modelFromFile } from "./model-file.ts";
import { runCommand } from "./run-command.ts";

interface Flags extends DataFlags, DeviceFlags {
  readonly batch: number;
  readonly targets?: string;
  readonly loss: Manifest["loss"]["type"];
}

const stepsPerRun = 16;
const losses: readonly Flags["loss"][] = ["softmaxCrossEntropy", "meanSquaredError", "binaryCrossEntropy"];
/** A larger matrix would not fit on a screen. */
const shownClasses = 20;

/** `evaluate MODEL DATA`: loss, and for classes accuracy and confusion. */
export function register(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("measure a model on data with known targets")
    .description(
      "Measures a model on samples with known targets: loss, and for classes accuracy and confusion.",
    )
    .argument("<model>", "ONNX file")
    .argument("<data>", "npy, npz, IDX, safetensors or CSV file, or a folder of images")
    .option("--targets <name>", "second file (npy, idx), or array or column (npz, safetensors, csv)")
    .addOption(new Option("--loss <loss>", "what is measured").choices(losses).default(losses[0]))
    .option("--batch <n>", "samples at a time", whole, 64);
  runCommand(
    deviceOptions(dataOptions(command)),
    async ({ terminal, signal }, modelPath: string, dataPath: string, flags: Flags) => {
      const model = modelFromFile(modelPath);
      const loss = manifestSchema.shape.loss.parse({ type: flags.loss });
      const { ready } = await openData(dataSourceOf(dataPath, flags), shapeOf({ loss }, model));
      const device = await deviceOf(flags, terminal);
      const bar = terminal.progress("samples", ready.rows);
      try {
        const options = { loss: lossOf({ loss }), batch: flags.batch, steps: stepsPerRun };
        const evaluate = evaluateProgram(model, options);
        const weights = evaluate.state.map(({ name }) => [name, model.initialisers.get(name) as Tensor]);
        const state = Object.fromEntries(weights);
        const onProgress = (samples: number) => bar.update(samples);
        const found = await evaluation(device, evaluate, ready, state, { signal, onProgress });
        bar.stop();
        terminal.answer(found, lines(found));
      } finally {
        bar.stop();
        ready.close();
        device.close();
      }
      return undefined;
    },
  );
}

function lines({ samples, loss, classes }: Evaluation): string[] {
  const summary = `${samples} samples, loss ${loss.toPrecision(5)}`;
  if (classes === undefined) return [summary];
  return [...matrix(classes), `${summary}, accuracy ${(100 * classes.accuracy).toFixed(2)} %`];
}

/** One line per label, one column per prediction. */
function matrix({ confusion }: Classification): string[] {
  if (confusion.length > shownClasses) return [];
  const width = Math.max(4, ...confusion.flat().map((n) => String(n).length)) + 1;
  const row = (head: string, cells: readonly (number | string)[]) =>
    head.padStart(6) + cells.map((cell) => String(cell).padStart(width)).join("");
  return [row("", [...confusion.keys()]), ...confusion.map((cells, label) => row(String(label), cells))];
}
