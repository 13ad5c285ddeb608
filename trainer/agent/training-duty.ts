/** An accepted order: trained, anchored, stored, and its proof submitted; taken up again wherever it was interrupted. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Order } from "../../pallets/marketplace/index.ts";
import type { Submission } from "../../pallets/proof-of-training/index.ts";
import { fromHex, textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { type Device, openDevice } from "../engine/device/device.ts";
import { type Identity, jobSeed } from "../proof/identity.ts";
import { Package } from "../proof/package.ts";
import { record } from "../proof/record.ts";
import { timelineOf } from "../proof/timeline.ts";
import { addressIn, putBundle } from "../storage/bundle.ts";
import { hashFile } from "../storage/content-hash.ts";
import type { Agent } from "./agent-context.ts";
import { Anchoring, anchorPlan } from "./anchoring.ts";
import type { Fault } from "./chain-verdict.ts";
import type { Duty } from "./duties.ts";
import { machineFor, orderFolder } from "./order-duty.ts";
import { faultOf, type OrderedJob, openOrdered } from "./ordered-job.ts";

/** How often what the buyer answers for is tried before it is claimed as its fault. */
const attempts = 4;

interface Submitted {
  readonly hash: string;
  readonly uri: string;
}

/** Trains an order whose seed is drawn. Undefined where there is nothing to do. */
export function trainingDuty(agent: Agent, id: number, order: Order): Duty | undefined {
  const { deal } = order;
  const randomness = deal?.randomness;
  if (deal === undefined || randomness === undefined) return undefined;
  if (order.state !== "Accepted" && order.state !== "Training") return undefined;
  const identity: Identity = {
    order: id,
    trainer: toHex(agent.account) as Identity["trainer"],
    randomness: toHex(randomness) as Identity["randomness"],
  };
  return {
    key: `order/${id}`,
    async run({ signal, failures }) {
      const ordered = await openOrClaim(agent, id, order, { signal, failures });
      if (typeof ordered === "number") return ordered;
      try {
        const device = await openDevice(machineFor(agent, deal.machine)?.device);
        // A device that hangs is ended from outside.
        try {
          await train(agent, id, order, identity, ordered, device, signal);
        } finally {
          device.close();
        }
        return await submit(agent, id, await store(agent, id, signal));
      } finally {
        ordered.close();
      }
    },
  };
}

/** The order's job; where that cannot be, the claim that it is the buyer's fault, and the block of the claim. */
async function openOrClaim(
  agent: Agent,
  id: number,
  order: Order,
  { signal, failures }: { readonly signal: AbortSignal; readonly failures: number },
): Promise<OrderedJob | number> {
  try {
    return await openOrdered(agent, order.spec, orderFolder(agent, id), signal);
  } catch (error) {
    signal.throwIfAborted();
    const found = faultOf(error);
    if (found === undefined || failures + 1 < attempts) throw error;
    agent.log.warn("claims a fault of the buyer's", {
      order: id,
      fault: found.fault,
      reason: (error as Error).message,
    });
    return claim(agent, id, found.fault);
  }
}

async function train(
  agent: Agent,
  id: number,
  { spec }: Order,
  identity: Identity,
  { job, manifest }: OrderedJob,
  device: Device,
  signal: AbortSignal,
): Promise<void> {
  const target = new Package(packageFolder(agent, id));
  const timeline = timelineOf(manifest, jobSeed(identity));
  const links = target.exists() ? (await target.proof()).links : [];
  const anchoring = await Anchoring.open(agent, id, anchorPlan(spec, timeline.stepOf), links);
  agent.log.info(links.length > 0 ? "goes on training" : "trains", { order: id, checkpoints: links.length });
  // Whatever ends the training, what is under way of its anchors ends first: two senders would get in each other's way.
  try {
    await record(device, job, identity, target, { signal, onLink: (link) => anchoring.add(link) });
  } finally {
    await anchoring.done().catch(() => undefined);
  }
  await anchoring.done();
  agent.log.info("trained", { order: id, steps: timeline.steps });
}

/** Stores the package once, and remembers where. */
async function store(agent: Agent, id: number, signal: AbortSignal): Promise<Submitted> {
  const key = `order/${id}/package`;
  const known = await agent.journal.get<Submitted>(key);
  if (known !== undefined) return known;
  const folder = packageFolder(agent, id);
  const names = (await readdir(folder)).filter((name) => /\.(json|safetensors)$/.test(name)).sort();
  const paths = names.map((name) => join(folder, name));
  const { uri } = await putBundle(agent.store, paths, baseOf(agent, id), { signal });
  const stored = { hash: await hashFile(join(folder, "proof.json"), signal), uri };
  await agent.journal.put(key, stored);
  agent.log.info("stored", { order: id, files: names.length, uri });
  return stored;
}

async function submit(agent: Agent, id: number, { hash, uri }: Submitted): Promise<number> {
  const given: Submission = { type: "Proof", value: { hash: fromHex(hash)!, uri: textBytes(uri) } };
  const block = await sendSubmission(agent, id, given);
  agent.log.info("submitted its proof", { order: id, block });
  return block;
}

const claim = (agent: Agent, id: number, fault: Fault): Promise<number> =>
  sendSubmission(agent, id, { type: "Fault", value: fault });

async function sendSubmission(agent: Agent, id: number, given: Submission): Promise<number> {
  const value = { type: "submit_proof", value: { order: id, package: given } } as const;
  const { block } = await agent.send({ type: "ProofOfTraining", value });
  return block.number;
}

const packageFolder = (agent: Agent, id: number): string => join(orderFolder(agent, id), "package");

/** Orders of two chains, or of one chain begun anew, must not overwrite each other's packages. */
function baseOf(agent: Agent, id: number): string {
  const { packages } = agent.options;
  return packages === "ipfs:" ? packages : addressIn(packages, `${agent.chainId}-order-${id}`);
}
