/** The inspection itself: what the order says, what the trainer handed in, and what comes of it. */
import { join } from "node:path";
import { storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import type { Inspection, Verdict } from "../../pallets/proof-of-training/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { openDevice } from "../engine/device/device.ts";
import { JobError } from "../job/job-error.ts";
import type { Hash } from "../proof/canonical.ts";
import { type Identity, jobSeed } from "../proof/identity.ts";
import { drawChallenge } from "../proof/inspection/challenge.ts";
import { inspect } from "../proof/inspection/inspect.ts";
import { checkpointBytes } from "../proof/job.ts";
import { checkpointFile, lossFile, maxProofBytes, Package, stateFile } from "../proof/package.ts";
import { maxSampled, timelineOf, upTo } from "../proof/timeline.ts";
import { Bundle } from "../storage/bundle.ts";
import { hashFile } from "../storage/content-hash.ts";
import { StorageError } from "../storage/error.ts";
import type { Agent } from "./agent-context.ts";
import { faultVerdict, noFaultVerdict, unreadableVerdict, verdictOf } from "./chain-verdict.ts";
import {
  inspectedDataKeys,
  inspectedPackageKeys,
  inspectedRelease,
  type Proceeding,
  wasTrainerGiven,
} from "./inspection-keys.ts";
import {
  addressOf,
  faultOf,
  type OrderedJob,
  openOrdered,
  orderedManifest,
  weighOrdered,
} from "./ordered-job.ts";
import { verdictOnClaim } from "./untrainable.ts";

/** So often, and no later than so many blocks before the end, what does not answer is tried again. */
const attempts = 6;
const blocksForCommitment = 8;

interface Context {
  readonly signal: AbortSignal;
  readonly failures: number;
  /** Blocks until the commitment is due. */
  readonly left: number;
}

/** Judges what was submitted for an order. `folder` holds what is fetched. Throws what may pass by itself. */
export async function inspectOrder(
  agent: Agent,
  id: number,
  order: Order,
  inspection: Inspection,
  folder: string,
  context: Context,
): Promise<Verdict> {
  const { signal } = context;
  const isLast = context.failures + 1 >= attempts || context.left <= blocksForCommitment;
  const proceeding = { id, order, inspection };
  let ordered: OrderedJob | Verdict;
  try {
    ordered = await openInspected(agent, proceeding, folder, { signal, isLast });
  } catch (error) {
    signal.throwIfAborted();
    const found = faultOf(error);
    if (found === undefined || (found.mayPass && !isLast)) throw error;
    return faultVerdict(found.fault, (error as Error).message);
  }
  if ("ruling" in ordered) return ordered;
  try {
    // Before the seed is drawn nobody can have tried to train.
    if (inspection.submission.type === "Fault" && order.deal?.randomness === undefined)
      return noFaultVerdict();
    const pkg = join(folder, "package");
    const subject = await subjectOf(agent, id, order, inspection);
    if (inspection.submission.type === "Fault") {
      const { value } = inspection.submission;
      return await verdictOnClaim(agent, value, ordered, subject.identity, folder, context);
    }
    try {
      await fetchPackage(agent, ordered, proceeding, subject, pkg, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StorageError) || error.code === "DiskFull") throw error;
      const mayPass = ["Interrupted", "NotFound", "Forbidden"].includes(error.code);
      if (mayPass && !isLast) throw error;
      return unreadableVerdict(error.message);
    }
    return await verify(agent, ordered, subject, pkg, signal);
  } finally {
    ordered.close();
  }
}

/** The order's job, or the verdict where that follows without it. @throws what {@link faultOf} knows. */
async function openInspected(
  agent: Agent,
  proceeding: Proceeding,
  folder: string,
  { signal, isLast }: { readonly signal: AbortSignal; readonly isLast: boolean },
): Promise<OrderedJob | Verdict> {
  const { id, order, inspection } = proceeding;
  const { spec } = order;
  const manifest = await orderedManifest(agent, spec, folder, signal);
  if (manifest.training.sealed !== undefined && !(await wasTrainerGiven(agent, proceeding))) {
    if (inspection.submission.type === "Proof")
      return unreadableVerdict("nobody can have trained on data whose key was not given");
    if (inspection.submission.value === "KeyWithheld")
      throw new JobError("KeyWithheld", "the buyer has not given the key of its training data");
    // Before it has the key, a trainer can find fault with the rest alone.
    await weighOrdered(agent, spec, folder, signal);
    return noFaultVerdict();
  }
  const dataKeys = await inspectedDataKeys(agent, proceeding, manifest);
  const given = dataKeys && { dataKeys };
  try {
    const released = await inspectedRelease(agent, proceeding, folder, signal);
    if (released) return await openOrdered(agent, spec, folder, signal, { ...given, released });
  } catch (error) {
    signal.throwIfAborted();
    const found = faultOf(error);
    if (found === undefined || (found.mayPass && !isLast)) throw error;
    agent.log.warn("finds no validation data where the buyer says: it counts as not released", {
      order: id,
      reason: (error as Error).message,
    });
  }
  return openOrdered(agent, spec, folder, signal, given);
}

interface Subject {
  readonly identity: Identity;
  readonly challenge: Uint8Array;
  /** Links by the index of their checkpoint. */
  readonly anchors: ReadonlyMap<number, Hash>;
  /** The last of them, where the buyer has cancelled: so far the proof goes. */
  readonly until?: number;
}

async function subjectOf(
  agent: Agent,
  id: number,
  { deal, stopped }: Order,
  { challenge }: Inspection,
): Promise<Subject> {
  const randomness = deal?.randomness;
  if (deal === undefined || randomness === undefined || challenge === undefined)
    throw new Error(`order ${id} is inspected without a challenge`);
  const identity = {
    order: id,
    trainer: toHex(deal.trainer) as Hash,
    randomness: toHex(randomness) as Hash,
  };
  const anchored = await agent.chain.read(marketplace.Anchors, [id]);
  const anchors = new Map(anchored.map(({ index, link }) => [index, toHex(link) as Hash]));
  const last = anchored.at(-1);
  return { identity, challenge, anchors, ...(stopped && last && { until: last.index }) };
}

/** Fetches of a package what an inspection reads, and no more. @throws StorageError. */
async function fetchPackage(
  agent: Agent,
  { job, manifest }: OrderedJob,
  proceeding: Proceeding,
  { identity, challenge, until }: Subject,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { submission } = proceeding.inspection;
  if (submission.type !== "Proof") throw new Error("a claimed fault has no package");
  const uri = addressOfPackage(submission.value.uri);
  const keys = await inspectedPackageKeys(agent, proceeding);
  const bundle = await Bundle.open(agent.store, uri, join(folder, "index.json"), {
    signal,
    ...(keys && { keys }),
  });
  const { recipient } = proceeding.order.spec;
  if (recipient && !bundle.isSealedTo(recipient))
    throw new StorageError("BadSeal", `${uri} is not sealed to the buyer's key ${toHex(recipient)}`);
  const get = (name: string, maxBytes: number) => bundle.fetch(name, join(folder, name), maxBytes, signal);
  await get("proof.json", maxProofBytes);
  const [found, wanted] = [await hashFile(join(folder, "proof.json"), signal), toHex(submission.value.hash)];
  if (found !== wanted)
    throw new StorageError(
      "HashMismatch",
      `proof.json at ${uri} has the hash ${found}, submitted was ${wanted}`,
    );
  const whole = timelineOf(manifest, jobSeed(identity));
  const timeline = until === undefined ? whole : upTo(whole, until);
  const stateBytes = checkpointBytes(job);
  const lossBytes = 4 * (manifest.checkpointEvery + maxSampled) + 1024;
  for (let index = 0; index <= timeline.checkpoints; index++) {
    await get(checkpointFile(index), stateBytes);
    await get(lossFile(index), lossBytes);
  }
  // States between checkpoints spare work where the trainer supplied them.
  for (const { from, to } of drawChallenge(challenge, timeline, manifest.thresholds).segments)
    for (const name of [stateFile(from), stateFile(to)])
      if (bundle.names.includes(name)) await get(name, stateBytes);
}

/** An address that is no text leads nowhere. */
function addressOfPackage(bytes: Uint8Array): string {
  try {
    return addressOf(bytes);
  } catch (error) {
    throw new StorageError("BadAddress", (error as Error).message);
  }
}

async function verify(
  agent: Agent,
  { job }: OrderedJob,
  subject: Subject,
  folder: string,
  signal: AbortSignal,
): Promise<Verdict> {
  return agent.devices.inspect(async (options) => {
    const device = await openDevice(options);
    try {
      const { verdict } = await inspect(device, job, new Package(folder), { ...subject, signal });
      return verdictOf(verdict);
    } finally {
      device.close();
    }
  });
}
