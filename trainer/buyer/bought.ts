/** What a buyer gets: the parts of a package that lead from the checkpoint on the chain to a model, each checked. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Anchor } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { exportModel } from "../engine/export.ts";
import { readModel } from "../engine/onnx/read.ts";
import { writeWhole } from "../engine/whole-file.ts";
import { fromHex, hashOf } from "../proof/canonical.ts";
import { linkHash } from "../proof/chain.ts";
import { decodeCheckpoint } from "../proof/checkpoint.ts";
import { jobSeed } from "../proof/identity.ts";
import { checkpointBytes, trainingProgram } from "../proof/job.ts";
import { type Manifest, manifestHash, maxManifestBytes } from "../proof/manifest.ts";
import { checkpointFile, lossFile, maxProofBytes, Package, type Proof } from "../proof/package.ts";
import { maxSampled, timelineOf } from "../proof/timeline.ts";
import { Bundle } from "../storage/bundle.ts";
import { hashFile } from "../storage/content-hash.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Store } from "../storage/store.ts";
import { BuyerError } from "./buyer-error.ts";

/** What the chain says of it. */
export interface Bought {
  readonly order: number;
  /** 32 bytes each. */
  readonly trainer: Uint8Array;
  readonly manifest: Uint8Array;
  /** Of `proof.json`; undefined where none was submitted, and the commitment to the last checkpoint has to do. */
  readonly hash: Uint8Array | undefined;
  readonly uri: string;
  /** The last checkpoint that was committed to. */
  readonly last: Pick<Anchor, "index" | "step" | "link">;
}

interface Options {
  readonly keys?: SealKeys;
  /** Every file, so that the folder can be verified as a whole. */
  readonly whole: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

const maxModelBytes = 2 ** 31 - 1;

/**
 * Fetches into a folder and writes `model.onnx` there. What does not lead to the chain's checkpoint is refused.
 * @throws BuyerError `NoModel`, StorageError, DataError.
 */
export async function fetchModel(
  store: Store,
  bought: Bought,
  folder: string,
  options: Options,
): Promise<{ readonly model: string; readonly checkpoint: string }> {
  const { keys, signal } = options;
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const bundle = await Bundle.open(store, bought.uri, at("index.json"), { signal, ...(keys && { keys }) });
  const pkg = new Package(folder);
  await bundle.fetch("proof.json", at("proof.json"), maxProofBytes, signal);
  await bundle.fetch("manifest.json", at("manifest.json"), maxManifestBytes, signal);
  const [manifest, proof] = [await pkg.manifest(), await pkg.proof()];
  await checkClaims(bought, manifest, proof, await hashFile(at("proof.json"), signal));

  const { uri, hash } = manifest.model;
  await store.get({ uri, to: at("untrained.onnx"), hash, maxBytes: maxModelBytes, signal });
  const model = readModel(await readFile(at("untrained.onnx")));
  const train = trainingProgram(manifest, model);
  const { index } = bought.last;
  const limits = new Map([
    ["proof.json", maxProofBytes],
    ["manifest.json", maxManifestBytes],
  ]);
  const limit = Math.max(checkpointBytes({ train }), 4 * (manifest.checkpointEvery + maxSampled) + 1024);
  const names = options.whole
    ? bundle.names.filter((name) => !limits.has(name))
    : [checkpointFile(index), lossFile(index)];
  for (const [done, name] of names.entries()) {
    options.onProgress(done, names.length, name);
    await bundle.fetch(name, at(name), limit, signal);
  }
  const bytes = await pkg.checkpoint(index, limit);
  await checkLast(bought, manifest, proof, pkg, bytes);
  const { state } = decodeCheckpoint(checkpointFile(index), bytes, train.state);
  await writeWhole(at("model.onnx"), exportModel(model, state));
  return { model: at("model.onnx"), checkpoint: at(checkpointFile(index)) };
}

/** Whether a proof is what the chain says of it, before more is fetched. */
async function checkClaims(bought: Bought, manifest: Manifest, proof: Proof, hash: string): Promise<void> {
  const { order, trainer } = proof.identity;
  const wrong = [
    bought.hash !== undefined &&
      hash !== toHex(bought.hash) &&
      "the proof has another hash than the trainer submitted",
    manifestHash(manifest) !== toHex(bought.manifest) && "its manifest is another one than was ordered",
    proof.manifest !== toHex(bought.manifest) && "it is the proof of another manifest",
    (order !== bought.order || trainer !== toHex(bought.trainer)) && "it is of another order or trainer",
  ].find((each) => each !== false);
  if (wrong) throw new BuyerError("NoModel", `the package at ${bought.uri} is refused: ${wrong}`);
}

/** Whether checkpoint and losses are those behind the commitment on the chain. */
async function checkLast(
  { last, uri }: Bought,
  manifest: Manifest,
  proof: Proof,
  pkg: Package,
  checkpoint: Uint8Array,
): Promise<void> {
  const timeline = timelineOf(manifest, jobSeed(proof.identity));
  const [link, before] = [proof.links[last.index], proof.links[last.index - 1]];
  const refuse = (why: string) => new BuyerError("NoModel", `the package at ${uri} is refused: ${why}`);
  if (link === undefined || before === undefined) throw refuse(`it has no checkpoint ${last.index}`);
  const steps = timeline.stepOf(last.index) - timeline.stepOf(last.index - 1);
  const losses = await pkg.losses(last.index, steps, timeline.sampled.length);
  const found = linkHash(fromHex(before.link), link, timeline.segmentsOf(last.index), losses.steps);
  if (found !== toHex(last.link)) throw refuse(`checkpoint ${last.index} is not the one on the chain`);
  if (hashOf(checkpoint) !== link.checkpoint)
    throw refuse(`the file of checkpoint ${last.index} is another one`);
}
