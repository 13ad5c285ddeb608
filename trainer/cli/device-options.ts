import { type Command, InvalidArgumentError, Option } from "commander";
import { type Device, openDevice } from "../engine/device/device.ts";
import type { DeviceKind } from "../engine/device/messages.ts";
import type { Terminal } from "./terminal.ts";

export interface DeviceFlags {
  readonly device: readonly DeviceKind[];
  readonly threads?: number;
  readonly memory?: number;
}

/** Adds the options that say where to compute. */
export function deviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--device <kinds>", "devices to try, best first: cuda, webgpu, cpu")
        .argParser(kinds)
        .default(["cpu"], "cpu"),
    )
    .option("--threads <n>", "threads of the processor (default: all)", upTo(maxThreads))
    .option(
      "--memory <MiB>",
      "memory at which a run is ended (default: three quarters of the machine's)",
      whole,
    );
}

/** Opens the device asked for and tells which it is, and why not a better one. */
export async function deviceOf(flags: DeviceFlags, terminal: Terminal): Promise<Device> {
  const memoryBytes = flags.memory === undefined ? undefined : flags.memory * 2 ** 20;
  const device = await openDevice({ prefer: flags.device, threads: flags.threads, memoryBytes });
  for (const reason of device.why) terminal.note(`not used: ${reason}`);
  terminal.note(
    `device: ${device.kind} (${device.determinism}), ${device.threads} threads, ${device.runtime}`,
  );
  return device;
}

function kinds(text: string): DeviceKind[] {
  return text.split(",").map((kind) => {
    if (kind !== "cuda" && kind !== "webgpu" && kind !== "cpu")
      throw new InvalidArgumentError(`"${kind}" is none of cuda, webgpu, cpu.`);
    return kind;
  });
}

/** More threads than any processor has are begun one by one, until the system has no more. */
const maxThreads = 1024;

/** A natural number above 0. */
export function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("A whole number above 0 is needed.");
  return value;
}

/** The same with a bound. */
export const upTo =
  (most: number) =>
  (text: string): number => {
    const value = whole(text);
    if (value > most) throw new InvalidArgumentError(`A whole number from 1 to ${most} is needed.`);
    return value;
  };
