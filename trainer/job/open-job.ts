import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
import type { Store } from "../storage/store.ts";
import { JobError } from "./job-error.ts";

export interface JobPlace {
  readonly store: Store;
  /** Folder for what is fetched. */
  readonly cache: string;
  /** `file:///` data is read where it lies, wherever that is: only for addresses that this machine's user wrote. */
  readonly inPlace: boolean;
  /** Largest file of data that is fetched; 1 TiB where absent. */
  readonly maxDataBytes?: number;
  readonly signal?: AbortSignal;
  readonly note: (line: string) => void;
}

export interface OpenJob {
  readonly job: Job;
  readonly model: Model;
  close(): void;
}

const maxModelBytes = 2 ** 31 - 1;
const maxDataBytes = 2 ** 40;

/** Fetches everything that a manifest names, checks it against the manifest's hashes and roots, and builds the job. */
export async function openJob(manifest: Manifest, place: JobPlace): Promise<OpenJob> {
  const model = readModel(await fetched(place, manifest.model.uri, manifest.model.hash, maxModelBytes));
  const shape = shapeOf(manifest, model);
  const opened: OpenData[] = [];
  const samplesOf = async (field: "training" | "validation", data: PublicData) => {
    place.note(`reading the ${field} data`);
    const source = await openData(await sourceOf(place, data), shape);
    opened.push(source);
    await checkRoot(field, data, source, place.signal);
    return source.ready;
  };
  const training = await samplesOf("training", manifest.training);
  const validation =
    manifest.validation.access === "public" ? await samplesOf("validation", manifest.validation) : undefined;
  const from =
    manifest.initialisation.type === "from" ? await checkpoint(place, manifest.initialisation) : undefined;
  const job = createJob(manifest, model, {
    training,
    ...(validation === undefined ? {} : { validation }),
    ...(from === undefined ? {} : { from }),
  });
  return {
    job,
    model,
    close() {
      for (const { ready } of opened) ready.close();
    },
  };
}

export type PublicData = Pick<
  Manifest["training"],
  "format" | "uri" | "targetsUri" | "inputs" | "targets" | "subtract" | "divide" | "root" | "samples"
>;

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

/** Where data lies on this machine, after it was fetched if need be; local files are read in place. */
export async function sourceOf(
  place: JobPlace,
  data: Omit<PublicData, "root" | "samples">,
): Promise<DataSource> {
  const local = async (uri: string): Promise<string> => {
    if (place.inPlace && uri.startsWith("file:///")) return fileURLToPath(uri);
    if (data.format === "images")
      throw new JobError(
        "BadData",
        `${uri}: a folder of images is read only where it lies, at a file:/// address`,
      );
    const to = join(place.cache, hashOf(Buffer.from(uri)).slice(2));
    await place.store.get({
      uri,
      to,
      hash: undefined,
      maxBytes: place.maxDataBytes ?? maxDataBytes,
      ...signalOf(place),
    });
    return to;
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

async function checkpoint(place: JobPlace, { uri, hash }: { uri: string; hash: string }): Promise<Tensors> {
  return decodeSafetensors(uri, await fetched(place, uri, hash, maxModelBytes)).tensors;
}

async function fetched(place: JobPlace, uri: string, hash: string, maxBytes: number): Promise<Uint8Array> {
  const to = join(place.cache, hash.slice(2));
  await place.store.get({ uri, to, hash, maxBytes, ...signalOf(place) });
  return readFile(to);
}

const signalOf = ({ signal }: JobPlace) => (signal === undefined ? {} : { signal });
