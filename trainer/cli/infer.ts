import type { Command } from "commander";
import { range } from "../engine/data/dataset.ts";
import { encodeNpy } from "../engine/data/npy.ts";
import { openData } from "../engine/data/source.ts";
import { inferProgram } from "../engine/evaluate.ts";
import { resultsOf } from "../engine/evaluation.ts";
import { elements, type Tensor, type TensorSpec, tensor } from "../engine/tensor.ts";
import { writeWhole } from "../engine/whole-file.ts";
import { type DataFlags, dataOptions, dataSourceOf } from "./data-source.ts";
import { type DeviceFlags, deviceOf, deviceOptions, whole } from "./device-options.ts";
import { modelFromFile } from "./model-file.ts";
import { InputError, runCommand } from "./run-command.ts";

interface Flags extends DataFlags, DeviceFlags {
  readonly batch: number;
  readonly out?: string;
}

const stepsPerRun = 16;
const shownRows = 10;

/** `infer MODEL DATA`: the model's output for every sample. */
export function register(program: Command): void {
  const command = program
    .command("infer")
    .summary("run a model over data")
    .description(
      "Computes the model's output for every sample; prints the first ones, or writes all as an npy file.",
    )
    .argument("<model>", "ONNX file")
    .argument("<data>", "npy, npz, IDX, safetensors or CSV file, or a folder of images")
    .option("--batch <n>", "samples at a time", whole, 64)
    .option("--out <file>", "npy file to write the outputs to");
  runCommand(
    deviceOptions(dataOptions(command)),
    async ({ terminal, signal }, modelPath: string, dataPath: string, flags: Flags) => {
      const model = modelFromFile(modelPath);
      const infer = inferProgram(model, { batch: flags.batch, steps: stepsPerRun });
      const [input, second] = infer.data;
      if (input === undefined || second !== undefined)
        throw new InputError(`${modelPath} has ${infer.data.length} inputs: models with one can be run`);
      const { ready } = await openData(dataSourceOf(dataPath, flags), { inputs: input });
      const device = await deviceOf(flags, terminal);
      const state = Object.fromEntries(
        infer.state.map(({ name }) => [name, model.initialisers.get(name) as Tensor]),
      );
      const bar = terminal.progress("samples", ready.rows);
      const collect = collector(ready.rows, infer.results[0] as TensorSpec, flags.out !== undefined);
      try {
        for await (const part of resultsOf(device, infer, ready, state, range(0, ready.rows), { signal }))
          bar.update(collect.add(part.results.outputs as Tensor));
      } finally {
        bar.stop();
        ready.close();
        device.close();
      }
      if (flags.out !== undefined) await writeWhole(flags.out, encodeNpy(collect.all()));
      terminal.answer(
        { samples: ready.rows, out: flags.out, dims: collect.all().dims, first: collect.first() },
        [
          ...(flags.out === undefined
            ? collect.first().map((row, i) => `${i}: ${rowText(row)}`)
            : [`${flags.out}: [${collect.all().dims}]`]),
          `${ready.rows} samples`,
        ],
      );
      return undefined;
    },
  );
}

/** Keeps all outputs when they will be written, else the first few. */
function collector(rows: number, spec: TensorSpec, everything: boolean) {
  const dims = spec.dims.slice(1);
  const size = elements(dims);
  const kept = everything ? rows : Math.min(rows, shownRows);
  const data = new Float32Array(kept * size);
  let done = 0;
  return {
    add(part: Tensor): number {
      if (part.dtype !== "float32")
        throw new InputError(`the model's output is ${part.dtype}, expected float32`);
      const room = Math.max(0, kept - done) * size;
      data.set(part.data.subarray(0, room), Math.min(done, kept) * size);
      done += part.dims[0] ?? 0;
      return done;
    },
    all: () => tensor("float32", [kept, ...dims], data),
    first: () => range(0, Math.min(kept, shownRows)).map((i) => [...data.subarray(i * size, (i + 1) * size)]),
  };
}

function rowText(row: readonly number[]): string {
  const shown = row.slice(0, shownRows).map((v) => v.toPrecision(4));
  return `${shown.join(" ")}${row.length > shownRows ? " ..." : ""}  (greatest: ${row.indexOf(Math.max(...row))})`;
}
