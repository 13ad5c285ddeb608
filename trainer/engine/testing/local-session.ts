/**
 * Runs programs in this process: for tests, benchmarks and graphs of one's own. It blocks while it runs and cannot be
 * stopped; a stranger's model belongs into a child process.
 */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Program, RunInput, RunOutput } from "../program.ts";
import { feedsOf, outputsOf } from "../program.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "../tensor.ts";

export interface LocalSession {
  run(input: RunInput): Promise<RunOutput>;
  close(): Promise<void>;
}

/**
 * Options that do not change bits: graphs run as they are written. The optimiser would fuse the transposed products
 * that make results independent of the number of threads.
 */
export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "disabled",
    executionMode: "sequential",
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}

export async function openLocal(program: Program, threads = 1): Promise<LocalSession> {
  const session = await InferenceSession.create(program.bytes, sessionOptions(threads));
  return {
    async run(input) {
      const feeds = Object.entries(feedsOf(program, input)).map(
        ([name, value]) => [name, toOrt(value)] as const,
      );
      const fetched = await session.run(Object.fromEntries(feeds));
      const named = Object.entries(fetched).map(([name, value]) => [name, fromOrt(value)] as const);
      return outputsOf(program, input.order.dims[0] ?? 0, Object.fromEntries(named));
    },
    close: () => session.release(),
  };
}

/** Shares the memory of the data. */
export function toOrt({ dtype, data, dims }: Tensor): OrtTensor {
  return new OrtTensor(dtype, data, dims);
}

/** Shares the memory of the data. */
export function fromOrt({ type, data, dims }: OrtTensor): Tensor {
  return tensor(type as Tensor["dtype"], dims, data as Float32Array & BigInt64Array); // checked by `tensor`
}
