import { readFileSync, statSync } from "node:fs";
import { reason } from "../engine/data/column.ts";
import type { Model } from "../engine/onnx/model.ts";
import { readModel } from "../engine/onnx/read.ts";
import { InputError } from "./run-command.ts";

const maxModelBytes = 2 ** 31 - 1;

/** Reads an ONNX file. Throws an InputError for what cannot be opened, an EngineError for what is no model for us. */
export function modelFromFile(path: string): Model {
  try {
    const { size } = statSync(path);
    if (size > maxModelBytes)
      throw new InputError(`${path} has ${size} bytes, a model has at most ${maxModelBytes}`);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`${path} ${reason(error)}`);
  }
  return readModel(readFileSync(path));
}
