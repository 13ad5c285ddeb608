/**
 * The process in which graphs run. It owns ONNX Runtime sessions and nothing else: no environment, no files, an
 * empty folder to stand in. It answers one request after another and ends when its parent goes.
 */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { type DType, type Tensor, tensor } from "../tensor.ts";
import type { LoadRequest, Reply, Request, RunRequest, SessionSettings } from "./messages.ts";

interface Loaded {
  readonly session: InferenceSession;
  /** Feeds to be used again. */
  readonly kept: Record<string, OrtTensor>;
}

const graphs = new Map<string, Loaded>();

process.on("message", (request: Request) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit());

async function answer(request: Request): Promise<Reply> {
  try {
    return { ok: true, outputs: request.type === "load" ? await load(request) : await run(request) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function load({ graph, bytes, options, release }: LoadRequest): Promise<Record<string, Tensor>> {
  for (const old of release) {
    await graphs.get(old)?.session.release();
    graphs.delete(old);
  }
  graphs.set(graph, { session: await InferenceSession.create(bytes, sessionOptions(options)), kept: {} });
  return {};
}

async function run({ graph, feeds, keep, carry, again }: RunRequest): Promise<Record<string, Tensor>> {
  const loaded = graphs.get(graph);
  if (loaded === undefined) throw new Error(`graph ${graph} is not loaded`);
  const { session, kept } = loaded;
  const given: Record<string, OrtTensor> = {};
  for (const name of again) given[name] = kept[name] as OrtTensor;
  for (const [name, { dtype, data, dims }] of Object.entries(feeds))
    given[name] = new OrtTensor(dtype, data as Float32Array, dims);
  for (const name of keep) kept[name] = given[name] as OrtTensor;
  const outputs = await session.run(given);
  for (const [output, feed] of Object.entries(carry)) kept[feed] = outputs[output] as OrtTensor;
  return ownTensors(outputs);
}

/**
 * The graph is run as it is written: fusions would undo the shapes that make products independent of the number
 * of threads. Idle threads sleep, which costs no time on a whole machine and saves 40 % of the processor on a
 * shared one. Keys under `extra` must be strings, and ONNX Runtime does not report a misspelt one.
 */
function sessionOptions({ kind, deviceId, threads }: SessionSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: [kind === "cuda" ? { name: "cuda", deviceId } : kind],
    graphOptimizationLevel: "disabled",
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" }, use_deterministic_compute: "1" } },
  };
}

function ownTensors(outputs: InferenceSession.OnnxValueMapType): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      if (!(value instanceof OrtTensor)) throw new Error(`output ${name} is no tensor`);
      return [name, tensor(value.type as DType, value.dims, value.data as Float32Array)];
    }),
  );
}
