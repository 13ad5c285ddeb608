/**
 * Measures what calls and hooks weigh, each beside a transfer on the same machine, and compares that with the
 * pallets' `weights.ts`. `--write` puts the measured numbers there; names of pallets restrict it to these. Without
 * `--write`, the exit code is 1 if something takes more than it weighs.
 */
import { join } from "node:path";
import { keepAliveTransfer } from "../pallets/balances/testing/benchmarks.ts";
import { benchmarks as computeScore } from "../pallets/compute-score/testing/benchmarks.ts";
import { benchmarks as drilling } from "../pallets/drilling/testing/benchmarks.ts";
import { benchmarks as grandpa } from "../pallets/grandpa/testing/benchmarks.ts";
import { benchmarks as machines } from "../pallets/machines/testing/benchmarks.ts";
import { benchmarks as marketplace } from "../pallets/marketplace/testing/benchmarks.ts";
import { benchmarks as poh } from "../pallets/poh/testing/benchmarks.ts";
import { benchmarks as proofOfTraining } from "../pallets/proof-of-training/testing/benchmarks.ts";
import { benchmarks as referenda } from "../pallets/referenda/testing/benchmarks.ts";
import { benchmarks as rewards } from "../pallets/rewards/testing/benchmarks.ts";
import { benchmarks as trainerStaking } from "../pallets/trainer-staking/testing/benchmarks.ts";
import { benchmarks as treasury } from "../pallets/treasury/testing/benchmarks.ts";
import type { Benchmark } from "../runtime/frame/testing/benchmark.ts";
import { figuresOf, largestOf, slopeOf } from "./weights/figures.ts";
import { type Measured, measure } from "./weights/measure.ts";
import { type Figures, openWeights, type Part } from "./weights/weight-file.ts";

const all: Readonly<Record<string, readonly Benchmark[]>> = {
  poh,
  grandpa,
  "compute-score": computeScore,
  "trainer-staking": trainerStaking,
  machines,
  drilling,
  marketplace,
  "proof-of-training": proofOfTraining,
  rewards,
  treasury,
  referenda,
};

/** A single run may be this much slower than what the weights were taken from. */
const tolerance = 1.5;

const names = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const isWriting = process.argv.includes("--write");
const unknown = names.filter((name) => !(name in all));
if (unknown.length > 0) {
  throw new Error(
    `no benchmarks of ${unknown.join(", ")}; there are those of ${Object.keys(all).join(", ")}`,
  );
}

console.log(row("pallet", "weight", "part", "us", "x transfer", "reads", "writes", "declared", ""));

let tooLow = 0;
for (const [pallet, benchmarks] of Object.entries(all)) {
  if (names.length > 0 && !names.includes(pallet)) continue;
  const file = openWeights(join(import.meta.dirname, "../pallets", pallet, "weights.ts"));
  // Several benchmarks may be for one weight, where one case is not the dearest in everything.
  const dearest = new Map<string, Figures>();
  for (const benchmark of benchmarks) {
    // Each time anew, since how busy the machine is changes.
    const transferNs = measure(keepAliveTransfer, 0).ns;
    for (const [part, measured] of partsOf(benchmark, file.isLinear(benchmark.weight))) {
      const declared = file.read(benchmark.weight, part);
      const figures = figuresOf(measured, transferNs);
      const isLow = isAbove(figures, declared);
      if (isLow) tooLow++;
      print(pallet, benchmark.weight, part, measured, transferNs, declared, isLow);
      const at = `${part} of ${benchmark.weight}`;
      const others = dearest.get(at);
      dearest.set(at, others ? largestOf(figures, others) : figures);
      if (isWriting) file.write(benchmark.weight, part, dearest.get(at)!);
    }
  }
  if (isWriting) file.save();
}
if (isWriting) console.log("\nwritten");
else if (tooLow > 0) {
  console.log(`\n${tooLow} weigh less than they take`);
  process.exitCode = 1;
}

/** A weight that is counted for each item has only what each adds; one with a base has both. */
function partsOf(benchmark: Benchmark, isLinear: boolean): [Part, Measured][] {
  const { items } = benchmark;
  if (items === undefined) return [["base", measure(benchmark, 0)]];
  // In turns, so that what the machine does besides is not taken for a difference.
  const turns = [1, 2, 3].map(() => [measure(benchmark, 0), measure(benchmark, items)] as const);
  const none = quickest(turns.map(([without]) => without));
  const some = quickest(turns.map(([, all]) => all));
  const each = slopeOf(none, some, items);
  if (!isLinear) return [["base", each]];
  return [
    ["base", none],
    ["perItem", each],
  ];
}

function quickest(all: readonly Measured[]): Measured {
  return all.reduce((a, b) => (b.ns < a.ns ? b : a));
}

function isAbove(measured: Figures, declared: Figures): boolean {
  if (measured.reads > declared.reads || measured.writes > declared.writes) return true;
  return Number(measured.time) > tolerance * Number(declared.time);
}

function print(
  pallet: string,
  weight: string,
  part: Part,
  measured: Measured,
  transferNs: number,
  declared: Figures,
  isLow: boolean,
): void {
  const { ns, reads, writes } = measured;
  const declaredText = `${Number(declared.time) / 1e6} us, ${declared.reads} r, ${declared.writes} w`;
  const times = (ns / transferNs).toFixed(2);
  const counts = [reads, writes].map((count) => String(Math.ceil(count)));
  console.log(
    row(pallet, weight, part, (ns / 1000).toFixed(1), times, ...counts, declaredText, isLow ? "too low" : ""),
  );
}

function row(...cells: readonly string[]): string {
  const widths = [18, 20, 8, 9, 11, 6, 7, 26, 8];
  return cells
    .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    .join(" ")
    .trimEnd();
}
