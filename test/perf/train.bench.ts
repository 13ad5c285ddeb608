import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type BenchmarkName,
  benchmark,
  benchmarkNames,
} from "../../trainer/engine/testing/benchmark-models.ts";
import { openLocal } from "../../trainer/engine/testing/local-session.ts";
import type { Row, Table } from "./table.ts";

const python = process.env.PYTHON ?? "/usr/bin/python3";
const seconds = 0.5;
const rounds = 5;

/**
 * Samples trained per second beside PyTorch on the same processor, the same networks, batches and optimiser; and how
 * much memory a long training gains. Both sides take turns, and the best round of each counts.
 */
export async function trainBench(): Promise<Table[]> {
  const rows: Row[] = [];
  for (const name of benchmarkNames) {
    for (const threads of [1, 2]) rows.push(await throughput(name, threads));
  }
  return [
    { title: "training", rows },
    { title: "memory of training", rows: [await memoryGrowth()] },
  ];
}

async function throughput(name: BenchmarkName, threads: number): Promise<Row> {
  const { program, input } = benchmark(name);
  const session = await openLocal(program, threads);
  const steps = 50;
  const given = input(steps);
  const msPerStep = async () => {
    const start = performance.now();
    let runs = 0;
    for (; performance.now() - start < seconds * 1000; runs++) await session.run(given);
    return (performance.now() - start) / runs / steps;
  };
  await session.run(given);
  const torch = await openTorch(name, threads);
  const best = { ours: Infinity, torch: Infinity };
  for (let round = 0; round < rounds; round++) {
    best.ours = Math.min(best.ours, await msPerStep());
    if (torch !== undefined) best.torch = Math.min(best.torch, await torch.msPerStep());
  }
  torch?.close();
  await session.close();
  const perSecond = (ms: number) => (program.batch / ms) * 1000;
  return {
    name: `${name}, ${threads} thread${threads === 1 ? "" : "s"}`,
    value: perSecond(best.ours),
    unit: "samples/s",
    ...(torch && { against: { name: "PyTorch", value: perSecond(best.torch) }, aim: { atLeast: 1 } }),
  };
}

interface Torch {
  msPerStep(): Promise<number>;
  close(): void;
}

/** PyTorch in a process of its own; undefined, and a line that says so, where there is none. */
async function openTorch(name: BenchmarkName, threads: number): Promise<Torch | undefined> {
  if (!existsSync(python)) return missing(`no ${python}`);
  const script = new URL("./torch_train.py", import.meta.url).pathname;
  const child = spawn(python, [script, `bench-${name}`, String(threads)], {
    stdio: ["pipe", "pipe", "ignore"],
    // As on our side, waiting threads sleep: on a machine that others use too, spinning ones bring PyTorch to a halt.
    env: { ...process.env, OMP_WAIT_POLICY: "PASSIVE" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") return missing(`${python} has no PyTorch`);
  return {
    async msPerStep() {
      child.stdin.write(`${seconds}\n`);
      return Number((await lines.next()).value);
    },
    close: () => child.stdin.end(),
  };
}

function missing(why: string): undefined {
  console.log(`  PyTorch is left out: ${why}`);
}

/** Resident memory, without garbage, gained in 300 runs after as many that warm up. */
async function memoryGrowth(): Promise<Row> {
  const { program, input } = benchmark("mlp");
  const session = await openLocal(program);
  const given = input(5);
  let state = given.state;
  const after = async (runs: number) => {
    for (let i = 0; i < runs; i++) state = (await session.run({ ...given, state })).state;
    collectGarbage();
    return process.memoryUsage.rss() / 2 ** 20;
  };
  const before = await after(300);
  const grown = (await after(300)) - before;
  await session.close();
  return { name: "growth over 300 runs", value: Math.max(0, grown), unit: "MiB", aim: { atMost: 8 } };
}

/** What Node has only with `--expose-gc`, which a benchmark cannot ask of its caller. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
