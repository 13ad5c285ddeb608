import { DrillingError } from "../../drilling/drilling-error.ts";
import { DataError } from "../../engine/data/errors.ts";
import { DeviceError } from "../../engine/device/errors.ts";
import { EngineError } from "../../engine/error.ts";
import { StorageError } from "../../storage/error.ts";

/** What is wrong with a task, by how an attempt at it failed. */
export interface Flaw {
  readonly reason: string;
  /** A server that is down may come up, and a machine that was busy may have time. */
  readonly mayPass: boolean;
}

/** Why a task cannot be done, of a failure to open it or to compute a unit; undefined where this machine is at fault. */
export function flawOf(error: unknown): Flaw | undefined {
  if (!(error instanceof Error)) return undefined;
  const flaw = (mayPass: boolean): Flaw => ({
    reason: "code" in error ? `${error.code}: ${error.message}` : error.message,
    mayPass,
  });
  if (error instanceof DrillingError || error instanceof EngineError || error instanceof DataError)
    return flaw(false);
  if (error instanceof DeviceError)
    return ["Refused", "Failed", "TimedOut", "OutOfMemory"].includes(error.code) ? flaw(true) : undefined;
  if (!(error instanceof StorageError) || error.code === "DiskFull") return undefined;
  return flaw(["Interrupted", "NotFound", "Forbidden"].includes(error.code));
}
