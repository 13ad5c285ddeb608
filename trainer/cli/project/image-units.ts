/** Units of images: as many as the model takes at a time, in its element type. */
import { join } from "node:path";
import { decodeImage, type ImageForm } from "../../engine/data/images.ts";
import type { Model } from "../../engine/onnx/model.ts";
import { type Tensor, tensor } from "../../engine/tensor.ts";
import { InputError } from "../run-command.ts";
import type { UnitInputs } from "./unit-inputs.ts";

export interface ImageFlags {
  /** Images in a unit, where the model leaves it open. */
  readonly unitSize?: number;
  /** What pixels, 0 to 255, are lessened and divided by where the model takes floats. */
  readonly subtract?: number;
  readonly divide?: number;
}

const usualSize = 16;

/** @throws InputError where the model takes no images. */
export function imageUnits(
  folder: string,
  names: readonly string[],
  model: Model,
  flags: ImageFlags,
): UnitInputs {
  const { input, form, size, pixels } = imageInput(model, flags);
  const area = form.channels * form.height * form.width;
  const units = Array.from({ length: Math.ceil(names.length / size) }, (_, i) =>
    names.slice(i * size, (i + 1) * size),
  );
  return {
    units,
    async read(unit) {
      const own = units[unit] as readonly string[];
      const decoded = await Promise.all(own.map((name) => decodeImage(join(folder, name), form)));
      const all = new Uint8Array(size * area);
      // All units have one shape: what the last one lacks is filled with its last image, and left out of the labels.
      for (let i = 0; i < size; i++)
        all.set(decoded[Math.min(i, decoded.length - 1)] as Uint8Array, i * area);
      return { [input]: pixels([size, form.channels, form.height, form.width], all) };
    },
  };
}

interface ImageInput {
  readonly input: string;
  readonly form: ImageForm;
  readonly size: number;
  pixels(dims: readonly number[], bytes: Uint8Array): Tensor;
}

function imageInput({ inputs }: Model, { unitSize, subtract, divide }: ImageFlags): ImageInput {
  const [input, second] = inputs;
  if (input === undefined || second !== undefined)
    throw new InputError(`images are one input, the model has ${inputs.length}: use .npz or .safetensors`);
  const { name, dtype, dims } = input;
  const [count, channels, height, width] = dims;
  const fits =
    dims.length === 4 &&
    (channels === 1 || channels === 3) &&
    typeof height === "number" &&
    typeof width === "number";
  if (!fits)
    throw new InputError(
      `images give [n, 1 or 3, height, width], the model's input ${name} is [${dims.map((dim) => dim || "?")}]`,
    );
  if (typeof count === "number" && unitSize !== undefined && unitSize !== count)
    throw new InputError(`the model was exported for ${count} images at a time: leave --unit-size out`);
  const size = typeof count === "number" ? count : (unitSize ?? usualSize);
  if (dtype === "uint8") {
    if (subtract !== undefined || divide !== undefined)
      throw new InputError("--subtract and --divide are for models that take floats, this one takes uint8");
    return {
      input: name,
      form: { channels, height, width },
      size,
      pixels: (shape, bytes) => tensor("uint8", shape, bytes),
    };
  }
  if (dtype !== "float32")
    throw new InputError(`images become uint8 or float32, the model's input ${name} is ${dtype}`);
  const value = (pixel: number) => (pixel - (subtract ?? 0)) / (divide ?? 1);
  return {
    input: name,
    form: { channels, height, width },
    size,
    pixels: (shape, bytes) => tensor("float32", shape, Float32Array.from(bytes, value)),
  };
}
