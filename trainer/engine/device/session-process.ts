/**
 * The process in which graphs run. It owns ONNX Runtime sessions and nothing else: no environment, no files, an
 * empty folder to stand in. It answers one request after another and ends when its parent goes.
 */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { type DType, type Tensor, tensor } from "../tensor.ts";
import type { Reply, Request, SessionSettings } from "./messages.ts";

/** A device keeps few sessions: a training job has one program, with evaluation two. */
const maxSessions = 4;
const sessions = new Map<string, InferenceSession>();
let previous: Record<string, OrtTensor> = {};

process.on("message", (request: Request) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit());

async function answer(request: Request): Promise<Reply> {
  try {
    if (request.type === "load") return await load(request.graph, request.bytes, request.options);
    const session = sessions.get(request.graph);
    if (session === undefined) return { ok: false, message: `graph ${request.graph} is not loaded` };
    const feeds: Record<string, OrtTensor> = {};
    for (const [name, { dtype, data, dims }] of Object.entries(request.feeds))
      feeds[name] = new OrtTensor(dtype, data as Float32Array, dims);
    for (const name of request.again) feeds[name] = previous[name] as OrtTensor;
    previous = feeds;
    return { ok: true, outputs: ownTensors(await session.run(feeds)) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function load(graph: string, bytes: Uint8Array, settings: SessionSettings): Promise<Reply> {
  if (!sessions.has(graph)) {
    const oldest = sessions.keys().next().value;
    if (sessions.size >= maxSessions && oldest !== undefined) {
      await sessions.get(oldest)?.release();
      sessions.delete(oldest);
    }
    sessions.set(graph, await InferenceSession.create(bytes, sessionOptions(settings)));
  }
  return { ok: true, outputs: {} };
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
