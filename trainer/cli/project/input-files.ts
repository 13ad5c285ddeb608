/** A folder of a project's inputs: images, some to a unit, or arrays, one file to a unit. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { range } from "../../engine/data/dataset.ts";
import { isImageName } from "../../engine/data/images.ts";
import { decodeNpy } from "../../engine/data/npy.ts";
import { openNpz } from "../../engine/data/npz.ts";
import { decodeSafetensors } from "../../engine/data/safetensors.ts";
import type { Model } from "../../engine/onnx/model.ts";
import type { Tensors } from "../../engine/tensor.ts";
import { InputError } from "../run-command.ts";
import { type ImageFlags, imageUnits } from "./image-units.ts";
import type { UnitInputs } from "./unit-inputs.ts";

type Reader = (path: string, model: Model) => Promise<Tensors> | Tensors;

const readers: Readonly<Record<string, Reader>> = {
  ".npy": (path, model) => ({ [onlyInput(path, model)]: decodeNpy(path, readFileSync(path)) }),
  ".npz": npz,
  ".safetensors": (path) => decodeSafetensors(path, readFileSync(path)).tensors,
};

/** Looks through a folder; files are taken in the order of their names' UTF-8 bytes. @throws InputError. */
export function unitInputs(folder: string, model: Model, flags: ImageFlags): UnitInputs {
  const files = filesIn(folder);
  const images = files.filter(isImageName);
  const arrays = files.filter((name) => Object.hasOwn(readers, extname(name)));
  if (images.length + arrays.length === 0)
    throw new InputError(`${folder} has no images, and no ${Object.keys(readers).join(", ")} files`);
  if (images.length > 0 && arrays.length > 0)
    throw new InputError(`${folder} has images (${images[0]}) and arrays (${arrays[0]}): one kind is needed`);
  const strange = files.find((name) => !images.includes(name) && !arrays.includes(name));
  if (strange !== undefined)
    throw new InputError(`${folder} holds ${strange}, which is no image and no array`);
  if (images.length > 0) return imageUnits(folder, images, model, flags);
  if (flags.unitSize !== undefined)
    throw new InputError("--unit-size is about images: every file of arrays is one unit");
  return {
    units: arrays.map((name) => [name]),
    read: async (unit) => {
      const name = arrays[unit] as string;
      return (readers[extname(name)] as Reader)(join(folder, name), model);
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true });
    const names = found
      .filter((each) => each.isFile() && !each.name.startsWith("."))
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, "/").length));
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(
      `${folder} cannot be read as a folder of inputs: ${code ?? (error as Error).message}`,
    );
  }
}

function onlyInput(path: string, { inputs }: Model): string {
  const [input, second] = inputs;
  if (input === undefined || second !== undefined)
    throw new InputError(
      `${path} holds one array, the model has ${inputs.length} inputs: use .npz or .safetensors`,
    );
  return input.name;
}

async function npz(path: string, { inputs }: Model): Promise<Tensors> {
  const tensors: Record<string, Tensors[string]> = {};
  for (const { name } of inputs) {
    const column = openNpz(path, name);
    tensors[name] = await column.read(range(0, column.rows));
  }
  return tensors;
}
