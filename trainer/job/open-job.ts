import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dataRoot } from "../engine/data/dataset.ts";
import { decodeSafetensors } from "../engine/data/safetensors.ts";
import { type DataShape, type DataSource, type OpenData, openData } from "../engine/data/source.ts";
import { evaluateProgram } from "../engine/evaluate.ts";
import type { Model } from "../engine/onnx/model.ts";
import { readModel } from "../engine/onnx/read.ts";
import type { Tensors } from "../engine/tensor.ts";
import { hashOf, toHex } from "../proof/canonical.ts";
import { createJob, type Job, lossOf } from "../proof/job.ts";
import type { Manifest } from "../proof/manifest.ts";
import type { ReleasedValidation } from "../proof/released-validation.ts";
import type { SealKeys } from "../storage/sealed.ts";
import { type DataPlace, dataFile, dataKeys } from "./data-file.ts";
import { JobError } from "./job-error.ts";
import { checkSamples } from "./sound-samples.ts";

export interface JobPlace extends DataPlace {
  /** Told what is being done. */
  readonly note: (line: string) => void;
}

/** What a manifest keeps back from the public, for those to whom it was given. */
export interface Given {
  /** The key pair of training data that is sealed. */
  readonly dataKeys?: SealKeys;
  /** Where the buyer has put validation data that it kept back, and the key pair of that where it is sealed. */
  readonly released?: { readonly data: ReleasedValidation; readonly keys?: SealKeys };
}

export interface OpenJob {
  readonly job: Job;
  readonly model: Model;
  close(): void;
}

const maxModelBytes = 2 ** 31 - 1;

/**
 * Fetches everything that a manifest names, checks it against the manifest's hashes and roots, and builds the job. Validation
 * data that was kept back and not released is none. @throws JobError, StorageError, DataError, EngineError.
 */
export async function openJob(manifest: Manifest, place: JobPlace, given: Given = {}): Promise<OpenJob> {
  const model = readModel(await fetchModel(place, manifest));
  const shape = shapeOf(manifest, model);
  const opened: OpenData[] = [];
  const samplesOf = async (field: "training" | "validation", data: PublicData, keys?: SealKeys) => {
    place.note(`reading the ${field} data`);
    const source = await openData(
      await sourceOf(place, data, dataKeys(`${field} data`, data.sealed, keys)),
      shape,
    );
    opened.push(source);
    await checkRoot(field, data, source, place.signal);
    return source.ready;
  };
  const close = () => {
    for (const { ready } of opened) ready.close();
  };
  try {
    const training = await samplesOf("training", manifest.training, given.dataKeys);
    const known = validationOf(manifest, given.released?.data);
    const validation = known && (await samplesOf("validation", known, given.released?.keys));
    const from =
      manifest.initialisation.type === "from"
        ? await checkpoint(place, manifest.initialisation, given.dataKeys)
        : undefined;
    const job = createJob(manifest, model, {
      training,
      ...(validation === undefined ? {} : { validation }),
      ...(from === undefined ? {} : { from }),
    });
    await checkSamples("training", training, job.evaluate.data, place.signal);
    if (validation) await checkSamples("validation", validation, job.evaluate.data, place.signal);
    return { job, model, close };
  } catch (error) {
    close();
    throw error;
  }
}

export type PublicData = Pick<
  Manifest["training"],
  "format" | "uri" | "targetsUri" | "inputs" | "targets" | "subtract" | "divide" | "root" | "samples"
> & { readonly sealed?: string | undefined };

/** Where the validation data is, so far as that is known: what it is, the manifest has said before. */
function validationOf(
  { validation }: Manifest,
  released: ReleasedValidation | undefined,
): PublicData | undefined {
  if (validation.access === "public") return validation;
  return released && { ...released, root: validation.root, samples: validation.samples };
}

/** The one input of a model and the targets of a loss. Throws an InputError for models with several inputs. */
export function shapeOf(job: Pick<Manifest, "loss">, model: Model): DataShape {
  const { data } = evaluateProgram(model, { loss: lossOf(job), batch: 1, steps: 1 });
  const [inputs, targets, more] = data;
  if (inputs === undefined || targets === undefined || more !== undefined)
    throw new JobError(
      "BadModel",
      `the model has ${data.length - 1} inputs: models with one can be trained by a manifest`,
    );
  return { inputs, targets };
}

/** Where data lies on this machine, after it was fetched if need be; local files are read in place. `keys` open what is sealed. */
export async function sourceOf(
  place: JobPlace,
  data: Omit<PublicData, "root" | "samples">,
  keys?: SealKeys,
): Promise<DataSource> {
  const local = async (uri: string): Promise<string> => {
    if (data.format === "images" && !(place.inPlace && uri.startsWith("file:///")))
      throw new JobError(
        "BadData",
        `${uri}: a folder of images is read only where it lies, at a file:/// address`,
      );
    return dataFile(place, uri, keys);
  };
  const { format, inputs, targets, subtract, divide } = data;
  const targetsPath = data.targetsUri === undefined ? undefined : await local(data.targetsUri);
  return { format, path: await local(data.uri), targetsPath, inputs, targets, subtract, divide };
}

async function checkRoot(
  field: string,
  { root, samples }: PublicData,
  { stored }: OpenData,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stored.rows !== samples)
    throw new JobError("BadData", `${field}.samples is ${samples}, but the data has ${stored.rows} samples`);
  const found = toHex((await dataRoot(stored, [], signal)).root);
  if (found !== root)
    throw new JobError("HashMismatch", `${field}.root is ${root}, but the data has the root ${found}`);
}

async function checkpoint(
  place: JobPlace,
  { uri, hash, sealed }: Extract<Manifest["initialisation"], { type: "from" }>,
  given: SealKeys | undefined,
): Promise<Tensors> {
  if (!sealed) return decodeSafetensors(uri, await fetched(place, uri, hash, maxModelBytes)).tensors;
  // A manifest has a sealed checkpoint only with sealed data, whose keys these are.
  const bytes = await readFile(await dataFile({ ...place, maxDataBytes: maxModelBytes }, uri, given));
  const found = hashOf(bytes);
  if (found !== hash)
    throw new JobError("HashMismatch", `the checkpoint in ${uri} has the hash ${found}, not ${hash}`);
  return decodeSafetensors(uri, bytes).tensors;
}

/** The bytes of a manifest's model. @throws StorageError. */
export const fetchModel = (place: DataPlace, { model }: Manifest): Promise<Uint8Array> =>
  fetched(place, model.uri, model.hash, maxModelBytes);

/** A file whose hash the manifest says. */
async function fetched(
  { store, cache, signal }: DataPlace,
  uri: string,
  hash: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const to = join(cache, hash.slice(2));
  await store.get({ uri, to, hash, maxBytes, ...(signal && { signal }) });
  return readFile(to);
}
