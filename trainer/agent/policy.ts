import type { MachineInfo } from "../../pallets/machines/index.ts";
import { constants as market, type Order } from "../../pallets/marketplace/index.ts";
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
  /** FLOP of the orders that are trained on the device before it. */
  readonly before: bigint;
}

const dayMs = 86_400_000n;
const flopPerUut = 432_000n;

/** Why an order is not taken, in words; undefined when it is. Price, length and disk are the offer's terms, which the chain has checked. */
export function objection(policy: Policy, weighed: Weighed): string | undefined {
  const { order, machine, manifest, determinism, slotMs, before } = weighed;
  const { spec } = order;
  if (!policy.formats.includes(manifest.training.format))
    return `data as ${manifest.training.format} is not taken`;
  if (manifest.determinism !== "any" && manifest.determinism !== determinism)
    return `it asks for a device of class ${manifest.determinism}, this one is ${determinism}`;
  const timeFor = (flop: bigint) => (flop * dayMs) / (flopPerUut * machine.measured);
  if (machine.measured === 0n) return "the machine has no measured capacity yet";
  const [neededMs, waitsMs] = [timeFor(spec.flop), timeFor(before)];
  const windowMs = BigInt(spec.train_within) * slotMs;
  const haste = BigInt(Math.ceil(policy.haste * 100));
  if ((neededMs + waitsMs) * haste > windowMs * 100n)
    return `it needs ${neededMs} ms at the measured capacity${waitsMs > 0n ? `, after others for ${waitsMs} ms` : ""}, and has ${windowMs} ms`;
  // Whoever is silent for a part of the window has lost the order.
  const silentMs = windowMs / BigInt(market.TrainingShare);
  if (waitsMs * haste > silentMs * 100n)
    return `others are trained on the device for ${waitsMs} ms, and it is to begin within ${silentMs} ms`;
  return undefined;
}
