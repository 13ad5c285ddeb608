import { statfs } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import si from "systeminformation";
import { cpuFlags } from "../engine/device/determinism.ts";
import { type Probed, probeDevices } from "../engine/device/device.ts";

export interface Gpu {
  readonly model: string;
  readonly driver: string;
  readonly memoryBytes: number;
}

/** What a machine has, and which of it can train. */
export interface Machine {
  readonly os: string;
  readonly cpu: {
    readonly model: string;
    readonly cores: number;
    readonly threads: number;
    /** Of the features that decide speed and determinism, those that this processor has. */
    readonly features: readonly string[];
  };
  readonly memoryBytes: number;
  readonly gpus: readonly Gpu[];
  readonly disk: { readonly path: string; readonly totalBytes: number; readonly freeBytes: number };
  readonly node: string;
  /** Every kind of device, and why one is not usable. */
  readonly devices: readonly Probed[];
}

const decisive = ["avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_bf16", "asimd", "sve"];

/** Describes this machine; `folder` lies on the disk of interest. What the system does not tell is 0 or empty. */
export async function describeMachine(folder: string): Promise<Machine> {
  const [os, cpu, graphics, flags, disk, devices] = await Promise.all([
    si.osInfo(),
    si.cpu(),
    si.graphics(),
    cpuFlags(),
    statfs(folder),
    probeDevices(),
  ]);
  const has = new Set(flags.split(/\s+/));
  return {
    os: [os.distro || os.platform, os.release, os.arch].filter((part) => part !== "").join(" "),
    cpu: {
      model: `${cpu.manufacturer} ${cpu.brand}`.trim() || cpus()[0]?.model || "",
      cores: cpu.physicalCores,
      threads: cpus().length,
      features: decisive.filter((feature) => has.has(feature)),
    },
    memoryBytes: totalmem(),
    gpus: graphics.controllers.map((card) => ({
      model: [card.vendor, card.model].filter(Boolean).join(" "),
      driver: card.driverVersion ?? "",
      memoryBytes: (card.memoryTotal ?? card.vram ?? 0) * 2 ** 20,
    })),
    disk: { path: folder, totalBytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize },
    node: process.version,
    devices,
  };
}

/** Longest metadata of a machine that a chain takes. */
export const maxMetadataBytes = 2048;

/**
 * The description as compact JSON of at most {@link maxMetadataBytes}: paths and reasons are left out, and from the
 * end as many accelerators as do not fit.
 */
export function machineMetadata(
  machine: Machine,
  place: { readonly network?: string; readonly region?: string } = {},
): string {
  const brief = (text: string) => text.slice(0, 80);
  const gib = (bytes: number) => Math.round((bytes / 2 ** 30) * 10) / 10;
  for (let gpus = machine.gpus.length; ; gpus--) {
    const json = JSON.stringify({
      os: brief(machine.os),
      cpu: {
        model: brief(machine.cpu.model),
        cores: machine.cpu.cores,
        threads: machine.cpu.threads,
        features: machine.cpu.features,
      },
      ramGiB: gib(machine.memoryBytes),
      gpus: machine.gpus
        .slice(0, gpus)
        .map((g) => ({ model: brief(g.model), driver: brief(g.driver), memoryGiB: gib(g.memoryBytes) })),
      diskGiB: gib(machine.disk.totalBytes),
      usable: machine.devices.filter((d) => d.usable).map((d) => d.determinism),
      ...(place.network === undefined ? {} : { network: brief(place.network) }),
      ...(place.region === undefined ? {} : { region: brief(place.region) }),
    });
    if (Buffer.byteLength(json) <= maxMetadataBytes || gpus === 0) return json;
  }
}
