import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { DeviceKind } from "./messages.ts";

export interface ChildOptions {
  readonly kind: DeviceKind;
  /** Resident memory at which the process is ended. */
  readonly memoryBytes: number;
}

/** Memory that Node and the runtime's threads reserve and hardly touch. */
const reservedBytes = 2 ** 30;

/**
 * How the process is started. Node's permission model denies it all files but its own program and ONNX Runtime,
 * and all processes and workers; it does not bind native code, which is why only graphs that passed the engine's
 * allow-list come here. On Linux the kernel's limit of data memory stands behind the watch of resident memory; it
 * is not set for accelerators, whose drivers reserve address space far beyond what they use.
 */
export function commandOf({ kind, memoryBytes }: ChildOptions): { execPath: string; execArgv: string[] } {
  const readable = [dirname(import.meta.dirname), ...packageFolders()].map(
    (path) => `--allow-fs-read=${path}/*`,
  );
  const node = ["--permission", "--allow-addons", ...readable, "--no-warnings"];
  if (process.platform !== "linux" || kind !== "cpu") return { execPath: process.execPath, execArgv: node };
  const kib = Math.ceil((memoryBytes + reservedBytes) / 1024);
  // Where the system allows less, its own limit stands.
  const script = 'ulimit -c 0; ulimit -d "$1" 2>/dev/null || :; shift; exec "$@"';
  return { execPath: "/bin/sh", execArgv: ["-c", script, "sh", String(kib), process.execPath, ...node] };
}

function packageFolders(): string[] {
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");
  const common = createRequire(runtime).resolve("onnxruntime-common");
  return [runtime, common].map(
    (path) => /^.*node_modules[\\/]onnxruntime-\w+/.exec(path)?.[0] ?? dirname(path),
  );
}

/** Nothing of the parent's environment, but for what a driver needs to be found. */
export function environmentOf(kind: DeviceKind): NodeJS.ProcessEnv {
  if (kind === "cpu") return {};
  const wanted = [
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
    "XDG_RUNTIME_DIR",
  ];
  const passed = wanted.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  // TF32 keeps 10 bits of the mantissa: not what float32 promises.
  return { ...Object.fromEntries(passed), NVIDIA_TF32_OVERRIDE: "0" };
}
