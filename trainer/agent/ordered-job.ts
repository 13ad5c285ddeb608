/** What an order asks for, fetched and checked by whoever trains or inspects it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OrderSpec } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { DataError } from "../engine/data/errors.ts";
import { EngineError } from "../engine/error.ts";
import { JobError } from "../job/job-error.ts";
import { type Given, type JobPlace, type OpenJob, openJob } from "../job/open-job.ts";
import { differences } from "../job/order-terms.ts";
import { weighJob } from "../job/weigh-job.ts";
import { type Manifest, maxManifestBytes, parseManifest } from "../proof/manifest.ts";
import { StorageError } from "../storage/error.ts";
import type { Agent } from "./agent-context.ts";
import type { Fault } from "./chain-verdict.ts";

export interface OrderedJob extends OpenJob {
  readonly manifest: Manifest;
}

/**
 * Fetches manifest, model and data of an order, and checks that they are what the order says. `cache` is a folder of this
 * agent's, which holds what was fetched; `given` is what of the job is not public.
 * @throws what {@link faultOf} knows where the buyer's part is at fault.
 */
export async function openOrdered(
  agent: Agent,
  spec: OrderSpec,
  cache: string,
  signal: AbortSignal,
  given: Given = {},
): Promise<OrderedJob> {
  const manifest = await orderedManifest(agent, spec, cache, signal);
  const job = await openJob(manifest, placeOf(agent, spec, cache, signal), given);
  try {
    compare(spec, manifest, job.job.train.flopPerStep);
  } catch (error) {
    job.close();
    throw error;
  }
  return { ...job, manifest };
}

/** The same as far as it can be done before this trainer is given the key of data that is sealed. @throws as {@link openOrdered}. */
export async function weighOrdered(
  agent: Agent,
  spec: OrderSpec,
  cache: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = await orderedManifest(agent, spec, cache, signal);
  if (manifest.training.sealed === undefined) {
    (await openOrdered(agent, spec, cache, signal)).close();
    return manifest;
  }
  const { flopPerStep } = await weighJob(manifest, placeOf(agent, spec, cache, signal));
  compare(spec, manifest, flopPerStep);
  return manifest;
}

/** @throws JobError where an order says something else than its manifest. */
function compare(spec: OrderSpec, manifest: Manifest, flopPerStep: bigint): void {
  const found = differences(spec, manifest, flopPerStep);
  if (found.length > 0) throw new JobError("BadManifest", found.join("; "));
}

const placeOf = (agent: Agent, spec: OrderSpec, cache: string, signal: AbortSignal): JobPlace => ({
  store: agent.store,
  cache,
  inPlace: false,
  maxDataBytes: spec.disk * 2 ** 20,
  signal,
  note: () => undefined,
});

/** An order's manifest. @throws as {@link openOrdered}. */
export async function orderedManifest(
  agent: Agent,
  spec: OrderSpec,
  cache: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const to = join(cache, "manifest.json");
  const [uri, hash] = [addressOf(spec.manifest_uri), toHex(spec.manifest)];
  await agent.store.get({ uri, to, hash, maxBytes: maxManifestBytes, signal });
  const parsed = parseManifest(await readFile(to));
  if (parsed.ok) return parsed.manifest;
  const problems = parsed.problems.map(({ field, message }) => `${field || "manifest"}: ${message}`);
  throw new JobError("BadManifest", problems.join("; "));
}

/** An address as it stands on the chain, which takes any bytes for one. @throws JobError. */
export function addressOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new JobError("BadManifest", "the address is not UTF-8");
  }
}

/** For what the buyer answers, of a failure to open its job; undefined where this machine is at fault. */
export function faultOf(error: unknown): { readonly fault: Fault; readonly mayPass: boolean } | undefined {
  if (error instanceof JobError) return { fault: error.code, mayPass: false };
  if (error instanceof EngineError) return { fault: "BadModel", mayPass: false };
  if (error instanceof DataError) return { fault: "BadData", mayPass: false };
  if (!(error instanceof StorageError) || error.code === "DiskFull") return undefined;
  if (error.code === "HashMismatch") return { fault: "HashMismatch", mayPass: false };
  // A server that is down, or an object not there yet, may be there at the next try.
  const mayPass = ["Interrupted", "NotFound", "Forbidden"].includes(error.code);
  return { fault: "Unreachable", mayPass };
}
