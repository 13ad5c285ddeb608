import { existsSync } from "node:fs";
import { EngineError } from "../engine/error.ts";
import { type LoadOptions, loadModel } from "../engine/load.ts";
import type { Model } from "../engine/onnx/model.ts";
import { InputError } from "./run-command.ts";

/** Reads an ONNX file, with the data that lies beside it. Throws an InputError or EngineError that says what is wrong. */
export function modelFromFile(path: string, options?: LoadOptions): Model {
  if (!existsSync(path)) throw new InputError(`${path} does not exist`);
  try {
    return loadModel(path, options);
  } catch (error) {
    if (!(error instanceof EngineError) || error.message.includes(path)) throw error;
    throw error.at(path);
  }
}
