/**
 * A device runs programs. Every session lives in a process of its own with a wall-clock and a memory limit, so a
 * stranger's graph can neither hang nor take down nor read its host.
 */
import { availableParallelism, totalmem } from "node:os";
import { env } from "onnxruntime-common";
import { feedsOf, graphName, outputsOf, type Program, type RunInput, type RunOutput } from "../program.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { determinismClass } from "./determinism.ts";
import { DeviceError } from "./errors.ts";
import { matmulGraph } from "./matmul-graph.ts";
import type { DeviceKind } from "./messages.ts";
import { type Limits, SessionChild } from "./session-child.ts";

export interface DeviceOptions {
  /** Kinds to try, best first; the first that works is taken. */
  readonly prefer?: readonly DeviceKind[] | undefined;
  /** Threads of one operator; all processors when absent. */
  readonly threads?: number | undefined;
  /** Which accelerator, where there are several. */
  readonly deviceId?: number | undefined;
  /** Memory of the session process at which it is ended; three quarters of the machine's when absent. */
  readonly memoryBytes?: number | undefined;
}

export interface RunOptions {
  /** Wall-clock limit of preparing the graph and of the run, each; an hour when absent. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Keeps the data, and the state that comes out, with the session: a later run of the program with the same tensors
   * need not send them again. Tensors are known by their identity: those given or got must not be changed.
   */
  readonly resident?: boolean | undefined;
}

export interface GraphRunOptions extends Omit<RunOptions, "resident"> {
  /** Feeds to keep with the session. */
  readonly resident?: readonly string[];
  /** Outputs to keep, as the feeds that they will be. */
  readonly carry?: Readonly<Record<string, string>>;
}

export interface Device {
  readonly kind: DeviceKind;
  /** Why each kind before this one in the wish list is not usable. */
  readonly why: readonly string[];
  readonly threads: number;
  /** Machines that give the same bits, e.g. `cpu-x86-fma`. */
  readonly determinism: string;
  /** Name and version of what computes: part of every claim of determinism. */
  readonly runtime: string;
  /** Runs a program. Throws a DeviceError, or an Error naming the input that does not fit. */
  run(program: Program, input: RunInput, options?: RunOptions): Promise<RunOutput>;
  /** Runs any graph by its own names; `id` tells graphs apart. */
  runGraph(
    graph: { readonly id: string; readonly bytes: Uint8Array },
    feeds: Readonly<Record<string, Tensor>>,
    options?: GraphRunOptions,
  ): Promise<Readonly<Record<string, Tensor>>>;
  /** Process id of the session process, while there is one. */
  readonly pid: number | undefined;
  /** Ends the session process. */
  close(): void;
}

const defaultTimeoutMs = 3_600_000;
const probeTimeoutMs = 60_000;
/** A training job has one program, with evaluation two. */
const maxGraphs = 4;

/** Opens the first wanted kind that works. Throws a DeviceError with a reason for each when none does. */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const why: string[] = [];
  for (const kind of options.prefer ?? (["cpu"] as const)) {
    const device = await createDevice(kind, options, why);
    const reason = await probe(device);
    if (reason === undefined) return device;
    device.close();
    why.push(`${kind}: ${reason}`);
  }
  throw new DeviceError("Unavailable", `no device is usable. ${why.join(". ")}`);
}

async function createDevice(
  kind: DeviceKind,
  options: DeviceOptions,
  why: readonly string[],
): Promise<Device> {
  const threads = options.threads ?? availableParallelism();
  const deviceId = options.deviceId ?? 0;
  const child = new SessionChild({ kind, memoryBytes: options.memoryBytes ?? 0.75 * totalmem() });
  /** Graphs that the process holds, the least recently used first, each with the tensors that it keeps. */
  const loaded = new Map<string, Map<string, Tensor>>();
  let generation = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const keptBy = async (graph: { readonly id: string; readonly bytes: Uint8Array }, limits: Limits) => {
    if (generation !== child.generation || child.pid === undefined) loaded.clear();
    const known = loaded.get(graph.id);
    const release = known === undefined && loaded.size >= maxGraphs ? [...loaded.keys()].slice(0, 1) : [];
    if (known === undefined) {
      const options = { kind, deviceId, threads };
      for (const old of release) loaded.delete(old);
      await child.request({ type: "load", graph: graph.id, bytes: graph.bytes, options, release }, limits);
      generation = child.generation;
    }
    const kept = known ?? new Map<string, Tensor>();
    loaded.delete(graph.id);
    loaded.set(graph.id, kept);
    return kept;
  };
  const runGraph: Device["runGraph"] = async (graph, feeds, runOptions = {}) => {
    const { timeoutMs = defaultTimeoutMs, signal, resident = [], carry = {} } = runOptions;
    const limits: Limits = { timeoutMs, signal };
    const kept = await keptBy(graph, limits);
    const again = Object.keys(feeds).filter((name) => kept.get(name) === feeds[name]);
    const keep = resident.filter((name) => !again.includes(name));
    const sent = Object.fromEntries(Object.entries(feeds).filter(([name]) => !again.includes(name)));
    for (const name of [...keep, ...Object.values(carry)]) kept.delete(name);
    const message = { type: "run", graph: graph.id, feeds: sent, keep, carry, again } as const;
    const outputs = await child.request(message, limits);
    for (const name of keep) kept.set(name, feeds[name] as Tensor);
    for (const [output, name] of Object.entries(carry)) kept.set(name, outputs[output] as Tensor);
    return outputs;
  };
  const inTurn: Device["runGraph"] = (graph, feeds, runOptions) => {
    const turn = queue.then(() => runGraph(graph, feeds, runOptions));
    // Whoever asked hears of a failure; the next run has its own turn.
    queue = turn.catch(() => {});
    return turn;
  };
  return {
    kind,
    why,
    threads,
    determinism: await determinismClass(kind, deviceId),
    runtime: `onnxruntime ${env.versions.node ?? env.versions.common}`,
    runGraph: inTurn,
    async run(program, input, runOptions = {}) {
      const feeds = feedsOf(program, input);
      const { resident, ...limits } = runOptions;
      const fetched = await inTurn(program, feeds, { ...limits, ...(resident ? residency(program) : {}) });
      return outputsOf(program, input.order.dims[0] ?? 0, { ...fetched });
    },
    get pid() {
      return child.pid;
    },
    close: () => child.close(),
  };
}

function residency({ kind, data, state }: Program): Pick<GraphRunOptions, "resident" | "carry"> {
  const carried = kind === "train" ? state : [];
  return {
    resident: data.map(({ name }) => graphName.data(name)),
    carry: Object.fromEntries(carried.map(({ name }) => [graphName.next(name), graphName.state(name)])),
  };
}

/** Why a device does not work, or undefined when it multiplies two matrices rightly. */
async function probe(device: Device): Promise<string | undefined> {
  const a = tensor("float32", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  const b = tensor("float32", [3, 2], Float32Array.of(1, 0, 0, 1, 1, 1));
  try {
    const graph = { id: "probe", bytes: matmulGraph(2, 3, 2) };
    const { C } = await device.runGraph(graph, { A: a, B: b }, { timeoutMs: probeTimeoutMs });
    return C?.data.join() === "4,5,10,11"
      ? undefined
      : `computes wrongly: ${C?.data.join()} is not 4,5,10,11`;
  } catch (error) {
    return explain(device.kind, error instanceof Error ? error.message : String(error));
  }
}

/** What an operator can do about a message of ONNX Runtime. */
function explain(kind: DeviceKind, message: string): string {
  if (kind === "cuda" && /failed to load shared library|providers_cuda/i.test(message))
    return "the CUDA libraries are not found (needed: NVIDIA driver, CUDA 12, cuDNN 9, and onnxruntime-node installed with ONNXRUNTIME_NODE_INSTALL=cuda12)";
  if (kind === "cuda" && /backend not found|not supported/i.test(message))
    return "this platform's ONNX Runtime has no CUDA";
  if (kind === "webgpu" && /adapter/i.test(message))
    return "no graphics adapter is found (needed: a GPU with a Vulkan, Metal or D3D12 driver)";
  return message;
}

export interface Probed {
  readonly kind: DeviceKind;
  readonly usable: boolean;
  /** Why not; empty when usable. */
  readonly why: string;
  readonly determinism: string;
}

/** Every kind, and whether it works here. */
export async function probeDevices(): Promise<Probed[]> {
  const probed: Probed[] = [];
  for (const kind of ["cuda", "webgpu", "cpu"] as const) {
    const device = await createDevice(kind, {}, []);
    const why = await probe(device);
    device.close();
    probed.push({ kind, usable: why === undefined, why: why ?? "", determinism: device.determinism });
  }
  return probed;
}
