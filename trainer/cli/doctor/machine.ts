/** The machine itself: what it has, and what of it trains, measured. */
import { randomBytes } from "node:crypto";
import { type Device, openDevice, type Probed } from "../../engine/device/device.ts";
import type { Machine } from "../../hardware/describe.ts";
import { answerChallenge, openPicks } from "../../hardware/gemm-answer.ts";
import { picksOf, verifyReveal } from "../../hardware/gemm-challenge.ts";
import { gemmThroughput } from "../../hardware/gemm-throughput.ts";
import { bytesText, short } from "../terminal.ts";

export interface Measured {
  readonly kind: string;
  readonly flops: number;
  /** How the device answered a hardware challenge. */
  readonly challenge: "rightly" | string;
}

/** The machine in lines. */
export function machineLines(machine: Machine): string[] {
  const { cpu, disk } = machine;
  return [
    `system: ${machine.os}, Node ${machine.node}`,
    `processor: ${cpu.model}, ${cpu.cores} cores, ${cpu.threads} threads (${cpu.features.join(" ") || "no vector features known"})`,
    `memory: ${bytesText(machine.memoryBytes)}`,
    ...machine.gpus.map(
      (g) => `graphics: ${g.model}, driver ${g.driver || "unknown"}, ${bytesText(g.memoryBytes)}`,
    ),
    `disk at ${disk.path}: ${bytesText(disk.freeBytes)} free of ${bytesText(disk.totalBytes)}`,
    ...machine.devices.map((d) =>
      d.usable ? `${d.kind}: usable (${d.determinism})` : `${d.kind}: not usable: ${d.why}`,
    ),
  ];
}

export const measuredLine = ({ kind, flops, challenge }: Measured): string =>
  `${kind}: ${short(flops)}FLOP/s in matrix products, hardware challenge answered ${challenge}`;

/** Measures one device after another, so that none is in another's way. */
export async function measureAll(devices: readonly Probed[]): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const device of devices) results.push(await measure(device));
  return results;
}

async function measure({ kind }: Probed): Promise<Measured> {
  const device = await openDevice({ prefer: [kind] });
  try {
    const { flops } = await gemmThroughput(device);
    return { kind, flops, challenge: await challenge(device) };
  } finally {
    device.close();
  }
}

/** Answers a challenge of this machine's own as the chain would put it, and checks the answer as the chain would. */
async function challenge(device: Device): Promise<string> {
  const asked = { seed: randomBytes(32), n: 512, rounds: 2 };
  const { roots, commitment } = await answerChallenge(device, asked);
  const picks = picksOf(asked, randomBytes(32), 8);
  const openings = await openPicks(device, asked, roots, picks);
  const result = verifyReveal(asked, commitment, picks, { roots, openings });
  return result.ok ? "rightly" : `wrongly (${result.code}): this device does not compute exactly`;
}
