import type { MachineInfo } from "../../pallets/machines/index.ts";
import type { Order } from "../../pallets/marketplace/index.ts";
import type { Manifest } from "../proof/manifest.ts";
import type { Policy } from "./options.ts";

/** What an order is weighed by. */
export interface Weighed {
  readonly order: Order;
  readonly machine: Pick<MachineInfo, "measured">;
  readonly manifest: Manifest;
  /** Class of the device that would train it. */
  readonly determinism: string;
  /** Length of a slot in milliseconds. */
  readonly slotMs: bigint;
}

const dayMs = 86_400_000n;
const flopPerUut = 432_000n;

/** Why an order is not taken, in words; undefined when it is. Price, length and disk are the offer's terms, which the chain has checked. */
export function objection(policy: Policy, weighed: Weighed): string | undefined {
  const { order, machine, manifest, determinism, slotMs } = weighed;
  const { spec } = order;
  if (!policy.formats.includes(manifest.training.format))
    return `data as ${manifest.training.format} is not taken`;
  if (manifest.determinism !== "any" && manifest.determinism !== determinism)
    return `it asks for a device of class ${manifest.determinism}, this one is ${determinism}`;
  const neededMs =
    machine.measured === 0n ? undefined : (spec.flop * dayMs) / (flopPerUut * machine.measured);
  const windowMs = BigInt(spec.train_within) * slotMs;
  if (neededMs === undefined || neededMs * BigInt(Math.ceil(policy.haste * 100)) > windowMs * 100n)
    return `it needs ${neededMs} ms at the measured capacity, and has ${windowMs} ms`;
  return undefined;
}
