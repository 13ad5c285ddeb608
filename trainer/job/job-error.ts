import { CodedError } from "../engine/coded-error.ts";

/** What is wrong with a job, whoever looks at it; the chain has the same names for what a buyer answers for. */
export type JobErrorCode =
  /** Data or a model is not what the manifest's hash or root says. */
  | "HashMismatch"
  /** No manifest, or not the one that was ordered. */
  | "BadManifest"
  /** A model that cannot be trained by a manifest. */
  | "BadModel"
  /** Data that is not what the manifest says. */
  | "BadData"
  /** The key of sealed data is not there, or is another one. */
  | "KeyWithheld";

/** A job that nobody can do; the message says what is wrong with it and what would be right. */
export class JobError extends CodedError<JobErrorCode> {
  override readonly name = "JobError";
}
