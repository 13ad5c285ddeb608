import type { DType, TensorSpec } from "../tensor.ts";
import type { Column } from "./column.ts";
import { openCsv } from "./csv.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { openIdx } from "./idx.ts";
import { openImageLabels, openImages } from "./images.ts";
import { openNpy } from "./npy.ts";
import { openNpz } from "./npz.ts";
import { prepared } from "./prepared.ts";
import { openSafetensors } from "./safetensors.ts";

export type DataFormat = "npy" | "npz" | "idx" | "safetensors" | "csv" | "images";

/** Where supervised samples lie on this machine's disk. */
export interface DataSource {
  readonly format: DataFormat;
  /** File, or for `images` the folder. */
  readonly path: string;
  /** The second file of `npy` and `idx`. */
  readonly targetsPath?: string | undefined;
  /** Names of the arrays, or of columns; `inputs` of a CSV file may be left out: all but the targets. */
  readonly inputs?: string | undefined;
  readonly targets?: string | undefined;
  readonly subtract?: number | undefined;
  readonly divide?: number | undefined;
}

/** What a model takes in: one input and, to train or evaluate, the targets. */
export interface DataShape {
  readonly inputs: TensorSpec;
  readonly targets?: TensorSpec | undefined;
}

export interface OpenData {
  /** As the files hold it, under the names `inputs` and `targets`: what a data root is computed over. */
  readonly stored: Dataset;
  /** As the model takes it in, under the model's names. */
  readonly ready: Dataset;
}

/** Opens a data source for a model. Throws a DataError that names the file and what does not fit. */
export async function openData(source: DataSource, shape: DataShape): Promise<OpenData> {
  const opened: Column[] = [];
  try {
    const inputs = await openInputs(source, shape.inputs);
    opened.push(inputs);
    const { dtype, dims } = shape.inputs;
    const { path, subtract, divide } = source;
    const stored: Record<string, Column> = { inputs };
    const ready = { [shape.inputs.name]: prepared(inputs, path, { dtype, shape: dims, subtract, divide }) };
    if (shape.targets !== undefined) {
      const targets = await openTargets(source, shape.targets);
      opened.push(targets);
      const { name, dtype, dims } = shape.targets;
      stored.targets = targets;
      ready[name] = prepared(targets, source.targetsPath ?? path, { dtype, shape: dims });
    }
    return { stored: dataset(stored), ready: dataset(ready) };
  } catch (error) {
    for (const column of opened) column.close();
    throw error;
  }
}

async function openInputs(source: DataSource, shape: TensorSpec): Promise<Column> {
  const { format, path } = source;
  switch (format) {
    case "npy":
      return openNpy(path);
    case "idx":
      return openIdx(path);
    case "npz":
      return openNpz(path, named(source, "inputs"));
    case "safetensors":
      return openSafetensors(path, named(source, "inputs"));
    case "csv": {
      const columns = source.inputs?.split(",") ?? { allBut: source.targets ?? "" };
      return openCsv(path, { columns, dtype: numberType(path, shape.dtype) });
    }
    case "images":
      return openImages(path, imageForm(path, shape));
  }
}

async function openTargets(source: DataSource, shape: TensorSpec): Promise<Column> {
  const { format, path, targetsPath } = source;
  switch (format) {
    case "npy":
      return openNpy(targetsPath ?? missing(path, "npy data needs a second file with the targets"));
    case "idx":
      return openIdx(targetsPath ?? missing(path, "idx data needs a second file with the targets"));
    case "npz":
      return openNpz(path, named(source, "targets"));
    case "safetensors":
      return openSafetensors(path, named(source, "targets"));
    case "csv": {
      const name = named(source, "targets");
      const columns = shape.dims.length === 0 ? name : name.split(",");
      return openCsv(path, { columns, dtype: numberType(path, shape.dtype) });
    }
    case "images":
      return openImageLabels(path);
  }
}

const missing = (path: string, problem: string): never => {
  throw new DataError("Missing", path, problem);
};

const named = (source: DataSource, field: "inputs" | "targets"): string =>
  source[field] ?? missing(source.path, `${source.format} data needs the name of its ${field}`);

function numberType(path: string, dtype: DType): "float32" | "float64" | "int64" | "int32" {
  if (dtype === "float32" || dtype === "float64" || dtype === "int64" || dtype === "int32") return dtype;
  throw new DataError("Mismatch", path, `a CSV file cannot give ${dtype}`);
}

function imageForm(path: string, { dims }: TensorSpec) {
  const [channels, height, width] = dims;
  if (dims.length !== 3 || (channels !== 1 && channels !== 3) || height === undefined || width === undefined)
    throw new DataError("Mismatch", path, `images give [1 or 3, height, width], the model takes [${dims}]`);
  return { channels, height, width } as const;
}
