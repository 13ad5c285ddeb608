import type { Device } from "../engine/device/device.ts";
import { productChainGraph } from "../engine/device/matmul-graph.ts";
import { tensor } from "../engine/tensor.ts";

export interface Throughput {
  /** float32 operations per second: 2 n^3 for each product of n x n matrices. */
  readonly flops: number;
  readonly n: number;
}

const chain = 4;
const largestSide = 8192;

/** The best of several runs on matrices that grow until a run takes at least `targetMs`. */
export async function gemmThroughput(device: Device, targetMs = 200): Promise<Throughput> {
  let best: Throughput = { flops: 0, n: 0 };
  for (let n = 256; n <= largestSide; n *= 2) {
    const graph = { id: `throughput-${n}`, bytes: productChainGraph(n, chain) };
    const feeds = { A: ramp(n), B: ramp(n) };
    await device.runGraph(graph, feeds, { resident: ["A", "B"] }); // the first run prepares memory and kernels
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      await device.runGraph(graph, feeds, { resident: ["A", "B"] });
      fastestMs = Math.min(fastestMs, performance.now() - start);
    }
    const flops = (2 * n ** 3 * chain) / (fastestMs / 1000);
    if (flops > best.flops) best = { flops, n };
    if (fastestMs >= targetMs) break;
  }
  return best;
}

/** Small values of both signs whose products neither grow nor vanish. */
function ramp(n: number) {
  const data = Float32Array.from({ length: n * n }, (_, i) => ((i % 13) - 6) / (4 * Math.sqrt(n)));
  return tensor("float32", [n, n], data);
}
