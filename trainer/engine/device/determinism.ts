import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import si from "systeminformation";
import type { DeviceKind } from "./messages.ts";

/**
 * The name of the machines on which one program gives the same bits: with the same ONNX Runtime, every x86 with
 * AVX2 and FMA (`cpu-x86-fma`), every GPU of one architecture (`cuda-sm90`).
 */
export async function determinismClass(kind: DeviceKind, deviceId = 0): Promise<string> {
  if (kind === "webgpu") return "webgpu";
  if (kind === "cuda") return `cuda-${await cudaArchitecture(deviceId)}`;
  if (process.arch !== "x64") return `cpu-${process.arch}`;
  const flags = new Set((await cpuFlags()).split(/\s+/));
  return flags.has("fma") && flags.has("avx2") ? "cpu-x86-fma" : "cpu-x86-plain";
}

/** Processor features, lower-case, in the words of the system. */
export async function cpuFlags(): Promise<string> {
  if (process.platform !== "linux") return (await si.cpuFlags()).toLowerCase();
  return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
}

async function cudaArchitecture(deviceId: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      "nvidia-smi",
      [`--id=${deviceId}`, "--query-gpu=compute_cap", "--format=csv,noheader"],
      { timeout: 10_000 },
    );
    const found = /^(\d+)\.(\d+)$/.exec(stdout.trim());
    return found === null ? "unknown" : `sm${found[1]}${found[2]}`;
  } catch {
    return "unknown";
  }
}
