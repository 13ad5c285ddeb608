import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { reason } from "../engine/data/column.ts";
import { dataRoot } from "../engine/data/dataset.ts";
import { openData } from "../engine/data/source.ts";
import { loadModel } from "../engine/load.ts";
import type { Model } from "../engine/onnx/model.ts";
import { toHex } from "../proof/canonical.ts";
import { checkManifest, type Manifest, manifestSchema, maxManifestBytes } from "../proof/manifest.ts";
import { hashFile } from "../storage/content-hash.ts";
import { JobError } from "./job-error.ts";
import { type JobPlace, shapeOf, sourceOf } from "./open-job.ts";

/** A job as its buyer has it. */
export interface JobFile {
  readonly manifest: Manifest;
  /** The buyer wants its validation data kept back until the proof is in. The manifest has it as if it were public, to be read here. */
  readonly keepsBack: boolean;
}

/**
 * Reads a job from a file that a person wrote. Paths may stand where addresses are asked for, relative to the file;
 * for local files the hash of the model and the root and number of samples may be left out: they are computed and
 * told. @throws JobError that names every field that is wrong.
 */
export const readJobFile = async (path: string, place: JobPlace): Promise<Manifest> =>
  (await completeJob(parse(path), path, place)).manifest;

/** The same for a buyer. @throws JobError. */
export const readBuyersJob = (path: string, place: JobPlace): Promise<JobFile> =>
  completeJob(parse(path), path, place);

/** Fills in what may be left out of a job; `path` is what it is called, and paths in it are relative to that. @throws JobError. */
export async function completeJob(given: object, path: string, place: JobPlace): Promise<JobFile> {
  const draft = structuredClone(given) as Fields;
  const folder = dirname(resolve(path));
  const { model, training, validation } = draft;
  const keepsBack = isFields(validation) && validation.access === "released";
  // Who keeps data back and says where it lies has it here.
  if (keepsBack && typeof validation.uri === "string") validation.access = "public";
  for (const part of [model, training, validation]) {
    if (!isFields(part)) continue;
    for (const key of ["uri", "targetsUri"])
      if (typeof part[key] === "string") part[key] = address(folder, part[key]);
  }
  if (isFields(model)) await fillHash(model, place);
  if (isFields(training)) await fillRoot("training", training, draft, place);
  if (isFields(validation)) await fillRoot("validation", validation, draft, place);
  const result = checkManifest(draft);
  if (result.ok) return { manifest: result.manifest, keepsBack };
  const problems = result.problems.map(({ field, message }) => `\n  ${field || "manifest"}: ${message}`);
  throw new JobError("BadManifest", `${path} is no job:${problems.join("")}`);
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse(path: string): Fields {
  let json: unknown;
  try {
    const stat = statSync(path);
    // A device has no size, and no end.
    if (!stat.isFile() && !stat.isDirectory()) throw new JobError("BadManifest", `${path} is not a file`);
    if (stat.size > maxManifestBytes)
      throw new JobError("BadManifest", `${path} has more than ${maxManifestBytes} bytes`);
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof JobError) throw error;
    throw new JobError(
      "BadManifest",
      error instanceof SyntaxError ? `${path} is no JSON: ${error.message}` : `${path} ${reason(error)}`,
    );
  }
  if (!isFields(json)) throw new JobError("BadManifest", `${path} is no JSON object`);
  return json;
}

function address(folder: string, text: string): string {
  return /^[a-z0-9]+:/.test(text) ? text : pathToFileURL(resolve(folder, text)).href;
}

function modelFromFile(path: string): Model {
  if (!existsSync(path)) throw new JobError("BadModel", `${path} does not exist`);
  return loadModel(path);
}

const localPath = (uri: unknown): string | undefined =>
  typeof uri === "string" && uri.startsWith("file:///") ? fileURLToPath(uri) : undefined;

async function fillHash(model: Fields, place: JobPlace): Promise<void> {
  const path = localPath(model.uri);
  if (model.hash !== undefined || path === undefined) return;
  modelFromFile(path); // says what is wrong with the model before anything is hashed
  model.hash = await hashFile(path, place.signal);
  place.note(`model.hash: ${model.hash}`);
}

const dataSchema = manifestSchema.shape.training.omit({ root: true, samples: true });

async function fillRoot(field: string, data: Fields, draft: Fields, place: JobPlace): Promise<void> {
  if (data.root !== undefined && data.samples !== undefined) return;
  const { access, root: _, samples: __, ...rest } = data;
  const parsed = dataSchema.safeParse(rest);
  const loss = manifestSchema.shape.loss.safeParse(draft.loss);
  const model = isFields(draft.model) ? localPath(draft.model.uri) : undefined;
  const remote = localPath(data.uri) === undefined || access === "released";
  // What is missing here is told when the whole is checked.
  if (!parsed.success || !loss.success || model === undefined || remote) return;
  const shape = shapeOf({ loss: loss.data }, modelFromFile(model));
  const { stored, ready } = await openData(await sourceOf(place, parsed.data), shape);
  try {
    data.samples ??= stored.rows;
    data.root ??= toHex((await dataRoot(stored, [], place.signal)).root);
    place.note(`${field}: ${data.samples} samples, root ${data.root}`);
  } finally {
    ready.close();
  }
}
