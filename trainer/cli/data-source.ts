import { existsSync, statSync } from "node:fs";
import { extname } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { DataFormat, DataSource } from "../engine/data/source.ts";
import { InputError } from "./run-command.ts";

export interface DataFlags {
  readonly format?: DataFormat;
  readonly inputs?: string;
  /** A second file, or a name, by the format. */
  readonly targets?: string;
  readonly subtract: number;
  readonly divide: number;
}

const formats: readonly DataFormat[] = ["npy", "npz", "idx", "safetensors", "csv", "images"];

/** Adds the options that say how inputs lie in a file. */
export function dataOptions(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "format of the data (default: by its name)").choices(formats))
    .option("--inputs <name>", "array or columns to take (npz, safetensors, csv)")
    .option("--subtract <x>", "taken from every input value", decimal, 0)
    .option("--divide <x>", "then every value is divided by this", divisor, 1);
}

/** The source that a path and options name. Throws an InputError when the format cannot be told. */
export function dataSourceOf(path: string, flags: DataFlags): DataSource {
  if (!existsSync(path)) throw new InputError(`${path} does not exist`);
  const { inputs, targets, subtract, divide } = flags;
  const format = flags.format ?? formatOf(path);
  const second = format === "npy" || format === "idx" ? { targetsPath: targets } : { targets };
  return { format, path, inputs, ...second, subtract, divide };
}

function formatOf(path: string): DataFormat {
  if (statSync(path).isDirectory()) return "images";
  const extension = extname(path.replace(/\.gz$/, "")).slice(1);
  const found = formats.find((f) => f === extension) ?? (/ubyte/.test(path) ? "idx" : undefined);
  if (found === undefined || found === "images")
    throw new InputError(`${path}: say what it is with --format (${formats.join(", ")})`);
  return found;
}

function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("A number is needed.");
  return value;
}

function divisor(text: string): number {
  const value = decimal(text);
  if (value === 0) throw new InvalidArgumentError("A number other than 0 is needed.");
  return value;
}
