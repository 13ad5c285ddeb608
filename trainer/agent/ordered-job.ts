/** What an order asks for, fetched and checked by whoever trains or inspects it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OrderSpec } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { DataError } from "../engine/data/errors.ts";
import { EngineError } from "../engine/error.ts";
import { JobError } from "../job/job-error.ts";
import { type OpenJob, openJob } from "../job/open-job.ts";
import { differences } from "../job/order-terms.ts";
import { type Manifest, maxManifestBytes, parseManifest } from "../proof/manifest.ts";
import { StorageError } from "../storage/error.ts";
import type { Agent } from "./agent-context.ts";
import type { Fault } from "./chain-verdict.ts";

export interface OrderedJob extends OpenJob {
  readonly manifest: Manifest;
}

/**
 * Fetches manifest, model and data of an order, and checks that they are what the order says. `cache` is a folder of this
 * agent's, which holds what was fetched. @throws what {@link faultOf} knows where the buyer's part is at fault.
 */
export async function openOrdered(
  agent: Agent,
  spec: OrderSpec,
  cache: string,
  signal: AbortSignal,
): Promise<OrderedJob> {
  const manifest = await manifestOf(agent, spec, cache, signal);
  const job = await openJob(manifest, {
    store: agent.store,
    cache,
    inPlace: false,
    maxDataBytes: spec.disk * 2 ** 20,
    signal,
    note: () => undefined,
  });
  const [first, ...more] = differences(spec, manifest, job.job.train.flopPerStep);
  if (first === undefined) return { ...job, manifest };
  job.close();
  throw new JobError("BadManifest", [first, ...more].join("; "));
}

async function manifestOf(
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
