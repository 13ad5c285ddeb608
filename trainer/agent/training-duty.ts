/** An accepted order: trained, anchored, stored, and its proof submitted; taken up again wherever it was interrupted. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Order } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { type Device, openDevice } from "../engine/device/device.ts";
import { type Identity, jobSeed } from "../proof/identity.ts";
import { Package } from "../proof/package.ts";
import { record } from "../proof/record.ts";
import { timelineOf } from "../proof/timeline.ts";
import type { Agent } from "./agent-context.ts";
import { Anchoring, anchorPlan } from "./anchoring.ts";
import type { Fault } from "./chain-verdict.ts";
import type { Duty, DutyContext } from "./duties.ts";
import { packageFolder, type Stored, sendSubmission, storePackage, submitProof } from "./handing-in.ts";
import { machineFor, orderFolder } from "./order-duty.ts";
import { faultOf, type OrderedJob, openOrdered, orderedManifest } from "./ordered-job.ts";
import { sayOnce } from "./say-once.ts";
import { Storing, storePlan, usualParts } from "./storing.ts";
import { trainingKeys } from "./training-keys.ts";
import { faultOfTraining } from "./untrainable.ts";

/** How often what the buyer answers for is tried before it is claimed as its fault. */
const attempts = 4;

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
    async run(context) {
      const { signal } = context;
      const ordered = await openOrClaim(agent, id, order, context);
      if (ordered === undefined || typeof ordered === "number") return ordered;
      const storing = new Storing(agent, id, order.spec.recipient, signal);
      try {
        const anchoring = await onDevice(agent, deal.machine, signal, (device) =>
          train(agent, id, order, identity, { ...ordered, storing }, device, signal),
        );
        await storing.end();
        return await submitProof(agent, id, await storeAnchored(agent, id, order, anchoring, signal));
      } catch (error) {
        signal.throwIfAborted();
        const fault = faultOfTraining(error);
        // What a machine does wrong now and then, it does not do twice.
        if (fault === undefined || context.failures === 0) throw error;
        return await claim(agent, id, fault, error as Error);
      } finally {
        await storing.stop();
        ordered.close();
      }
    },
  };
}

/** Has the machine's device to itself; one that hangs is ended from outside. */
async function onDevice<T>(
  agent: Agent,
  machine: Uint8Array,
  signal: AbortSignal,
  work: (device: Device) => Promise<T>,
): Promise<T> {
  const options = machineFor(agent, machine)?.device;
  return agent.devices.train(options, signal, async () => {
    const device = await openDevice(options);
    try {
      return await work(device);
    } finally {
      device.close();
    }
  });
}

/**
 * The order's job; where that cannot be, the claim that it is the buyer's fault, and the block of the claim. Undefined while
 * the key of its data may still come.
 */
async function openOrClaim(
  agent: Agent,
  id: number,
  order: Order,
  { signal, failures, block }: DutyContext,
): Promise<OrderedJob | number | undefined> {
  const folder = orderFolder(agent, id);
  try {
    const manifest = await orderedManifest(agent, order.spec, folder, signal);
    const dataKeys = await trainingKeys(agent, id, order, manifest, block);
    if (dataKeys === "waits") {
      sayOnce(agent, `order/${id}`, "waits for the data key", { order: id });
      return undefined;
    }
    return await openOrdered(agent, order.spec, folder, signal, dataKeys && { dataKeys });
  } catch (error) {
    signal.throwIfAborted();
    const found = faultOf(error);
    if (found === undefined || (found.fault !== "KeyWithheld" && failures + 1 < attempts)) throw error;
    return claim(agent, id, found.fault, error as Error);
  }
}

/** Trains to the end; the last anchors may be on their way yet. */
async function train(
  agent: Agent,
  id: number,
  { spec }: Order,
  identity: Identity,
  { job, manifest, storing }: OrderedJob & { readonly storing: Storing },
  device: Device,
  signal: AbortSignal,
): Promise<Anchoring> {
  const target = new Package(packageFolder(agent, id));
  const timeline = timelineOf(manifest, jobSeed(identity));
  const links = target.exists() ? (await target.proof()).links : [];
  const plan = anchorPlan(spec, timeline.stepOf);
  const anchoring = await Anchoring.open(agent, id, plan, links);
  const parts = agent.options.storedParts ?? usualParts;
  await storing.follow(anchoring, storePlan(plan, timeline.stepOf, parts));
  agent.log.info(links.length > 0 ? "goes on training" : "trains", {
    order: id,
    checkpoints: links.length,
    step: links.at(-1)?.step ?? 0,
  });
  try {
    await record(device, job, identity, target, {
      signal,
      onLink: (link) => anchoring.add(link),
      onProgress: agent.options.figures?.training(id, links.at(-1)?.step ?? 0),
    });
  } catch (error) {
    // What is under way of the anchors ends first: two senders would get in each other's way.
    await anchoring.done().catch(() => undefined);
    throw error;
  } finally {
    agent.options.figures?.trained(id);
  }
  agent.log.info("trained", { order: id, steps: timeline.steps });
  return anchoring;
}

/** Stores the package while the last anchors find their way into blocks; both have ended, however they do. */
async function storeAnchored(
  agent: Agent,
  id: number,
  order: Order,
  anchoring: Anchoring,
  signal: AbortSignal,
): Promise<Stored> {
  const [stored, anchored] = await Promise.allSettled([store(agent, id, order, signal), anchoring.done()]);
  for (const each of [anchored, stored]) if (each.status === "rejected") throw each.reason;
  return (stored as PromiseFulfilledResult<Stored>).value;
}

/** Stores the package as it lies in its folder. */
async function store(agent: Agent, id: number, { spec }: Order, signal: AbortSignal): Promise<Stored> {
  const folder = packageFolder(agent, id);
  const names = (await readdir(folder)).filter((name) => /\.(json|safetensors)$/.test(name)).sort();
  const [proof, files] = [join(folder, "proof.json"), names.filter((name) => name !== "proof.json")];
  const stored = {
    part: "whole",
    proof,
    checkpoint: spec.checkpoints,
    files: files.map((name) => join(folder, name)),
    recipient: spec.recipient,
  } as const;
  return storePackage(agent, id, stored, signal);
}

function claim(agent: Agent, id: number, fault: Fault, { message }: Error): Promise<number> {
  agent.log.warn("claims a fault of the buyer's", { order: id, fault, reason: message });
  return sendSubmission(agent, id, { type: "Fault", value: fault });
}
