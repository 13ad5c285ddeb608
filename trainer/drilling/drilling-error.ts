import { CodedError } from "../engine/coded-error.ts";

/** What is wrong with a task of a project, whoever looks at it: none of these is the trainer's fault. */
export type DrillingErrorCode =
  /** A file is not what the task's hash or root says, or not in the form that a task's files have. */
  | "BadFiles"
  /** The model cannot be read, bound to the inputs' shapes, or counted. */
  | "BadModel"
  /** The task's rule does not fit what the model gives. */
  | "BadRule"
  /** What the model gave for a unit is no result: a number that is none, or one too large. */
  | "NoResult";

/** A task or a unit that nobody can do; the message says what is wrong with it and what would be right. */
export class DrillingError extends CodedError<DrillingErrorCode> {
  override readonly name = "DrillingError";
}

/** Fails with `code` unless `condition` holds. */
export function ensure(condition: boolean, code: DrillingErrorCode, message: string): asserts condition {
  if (!condition) throw new DrillingError(code, message);
}
