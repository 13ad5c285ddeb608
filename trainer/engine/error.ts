import { CodedError } from "./coded-error.ts";

/** Why the engine refuses a model, a job or an input. */
export type EngineErrorCode =
  /** The file is not what its format asks for, or can be read in two ways. */
  | "Malformed"
  /** A bound on size or number was passed. */
  | "TooLarge"
  /** An operator, an attribute or a type that the engine does not have. */
  | "Unsupported"
  /** Shapes that do not fit each other. */
  | "BadShape"
  /** A dimension that is not known before the run. */
  | "DynamicShape"
  /** NaN or infinity among the weights. */
  | "NonFinite"
  /** The job asks for something that the model does not have, or that makes no sense. */
  | "BadJob";

/** An expected failure; the message names the node, tensor or field and says what would be right. */
export class EngineError extends CodedError<EngineErrorCode> {
  override readonly name = "EngineError";

  /** The same failure with its place in front, as `node "conv1" (Conv): …`. */
  at(place: string): EngineError {
    return new EngineError(this.code, `${place}: ${this.message}`);
  }
}

/** Fails with `code` unless `condition` holds. */
export function ensure(condition: boolean, code: EngineErrorCode, message: string): asserts condition {
  if (!condition) throw new EngineError(code, message);
}
