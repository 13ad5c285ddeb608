/** Jobs that can be opened and not be trained: a trainer finds out by training, and inspectors of its claim by doing the same. */
import { join } from "node:path";
import type { Verdict } from "../../pallets/proof-of-training/index.ts";
import { openDevice } from "../engine/device/device.ts";
import { DeviceError } from "../engine/device/errors.ts";
import { DivergedError } from "../engine/train-loop.ts";
import type { Identity } from "../proof/identity.ts";
import { Package } from "../proof/package.ts";
import { record } from "../proof/record.ts";
import type { Agent } from "./agent-context.ts";
import { type Fault, faultVerdict, noFaultVerdict } from "./chain-verdict.ts";
import type { OrderedJob } from "./ordered-job.ts";

/** What of a failed training is for the buyer to answer: settings under which values leave all bounds, a graph that is refused. */
export function faultOfTraining(error: unknown): Fault | undefined {
  if (error instanceof DivergedError) return "BadManifest";
  return error instanceof DeviceError && error.code === "Refused" ? "BadModel" : undefined;
}

/** So many blocks before its commitment is due, an inspector stops training. */
const blocksKept = 8;
const lookMs = 1_000;

/**
 * Judges the claim that a job which can be opened cannot be trained, by training it as the trainer had to. What does not
 * come up before the commitment is due is not found. `left` is how many blocks that is from now.
 */
export async function verdictOnClaim(
  agent: Agent,
  claimed: Fault,
  { job }: OrderedJob,
  identity: Identity,
  folder: string,
  { signal, left }: { readonly signal: AbortSignal; readonly left: number },
): Promise<Verdict> {
  if (claimed !== "BadManifest" && claimed !== "BadModel") return noFaultVerdict();
  const late = new AbortController();
  const last = (await heightOf(agent)) + left - blocksKept;
  const look = async () => {
    if ((await heightOf(agent)) >= last) late.abort();
  };
  const timer = setInterval(() => look().catch(() => undefined), lookMs);
  try {
    await agent.devices.inspect(async (options) => {
      const device = await openDevice(options);
      try {
        const end = AbortSignal.any([signal, late.signal]);
        await record(device, job, identity, new Package(join(folder, "trial")), {
          signal: end,
          keepStates: false,
        });
      } finally {
        device.close();
      }
    });
    return noFaultVerdict();
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) return noFaultVerdict();
    const fault = faultOfTraining(error);
    if (fault === undefined) throw error;
    return faultVerdict(fault, (error as Error).message);
  } finally {
    clearInterval(timer);
  }
}

const heightOf = async ({ chain }: Agent): Promise<number> =>
  Number((await chain.request<{ readonly number: string }>("chain_getHeader")).number);
