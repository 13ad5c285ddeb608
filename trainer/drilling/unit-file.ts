/** One unit's inputs as a file: safetensors, with a tensor for every input of the model, and nothing else. */
import { DataError } from "../engine/data/errors.ts";
import { merkleRoot } from "../engine/data/merkle.ts";
import { decodeSafetensors, encodeSafetensors } from "../engine/data/safetensors.ts";
import { elementBytes, elements, mismatch, type TensorSpec, type Tensors } from "../engine/tensor.ts";
import { ensure } from "./drilling-error.ts";

/** As many as an index of one bundle can name. */
export const maxUnits = 50_000;
/** Of one unit's inputs. */
export const maxUnitBytes = 256 << 20;
/** Room for names and shapes in a file. */
const headerBytes = 1 << 20;

/** `unit-00000007.safetensors`: in the order of names is in the order of units. */
export const unitName = (unit: number): string => `unit-${String(unit).padStart(8, "0")}.safetensors`;

export const encodeUnit = (inputs: Tensors): Uint8Array => encodeSafetensors(inputs);

/** What a unit's file holds, whatever the shapes. @throws DrillingError `BadFiles`. */
export function decodeUnit(name: string, bytes: Uint8Array): Tensors {
  try {
    return decodeSafetensors(name, bytes).tensors;
  } catch (error) {
    if (error instanceof DataError) ensure(false, "BadFiles", error.message);
    throw error;
  }
}

/** Refuses inputs of other names, types or shapes than those that the task was counted for. @throws DrillingError. */
export function checkUnit(name: string, inputs: Tensors, specs: readonly TensorSpec[]): void {
  for (const spec of specs) {
    const problem = mismatch(spec, Object.hasOwn(inputs, spec.name) ? inputs[spec.name] : undefined);
    ensure(problem === undefined, "BadFiles", `${name}: ${problem}`);
  }
  const strange = Object.keys(inputs).find((key) => !specs.some((spec) => spec.name === key));
  ensure(strange === undefined, "BadFiles", `${name}: ${JSON.stringify(strange)} is no input of the model`);
}

/** The most bytes that a file with these inputs may have. */
export const unitBytes = (specs: readonly TensorSpec[]): number =>
  specs.reduce((sum, { dtype, dims }) => sum + elements(dims) * elementBytes(dtype), headerBytes);

/** `inputs.hash` of a task: the Merkle root over the BLAKE2b-256 of every unit's file, in the order of units. */
export const inputsRoot = (hashes: Iterable<Uint8Array>): Uint8Array => merkleRoot(hashes);
