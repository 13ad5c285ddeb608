/** The search's training without a graph, an engine or a runtime: loops over numbers, summed in another order. */
import type { Samples, SearchSize } from "../search-graph.ts";

interface Point {
  readonly rate: number;
  readonly momentum: number;
  readonly seed: bigint;
}

type Matrix = number[][];

const prime = 2_147_483_579n;
const grid = (x: number, bits: number): number => Math.floor(x * 2 ** bits + 0.5) / 2 ** bits;
const clamp = (x: number, bound: number): number => Math.min(Math.max(x, -bound), bound);
/** From the last summand to the first. */
const sum = (count: number, term: (i: number) => number): number => {
  let total = 0;
  for (let i = count - 1; i >= 0; i--) total += term(i);
  return total;
};
const matrix = (rows: number, columns: number, value: (r: number, c: number) => number): Matrix =>
  Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));

export function plainSearch(
  training: Samples,
  validation: Samples,
  size: SearchSize,
  point: Point,
): { right: number; loss: number } {
  const { hidden, batch, steps } = size;
  const [rate, momentum] = [grid(point.rate, 12), grid(point.momentum, 8)];
  const pixels = training.images.dims[1]!;
  let weights = [
    first(point.seed, 0, pixels, hidden, pixels),
    matrix(1, hidden, () => 0),
    first(point.seed, 2, hidden, 10, pixels),
    matrix(1, 10, () => 0),
  ];
  let speeds = weights.map((w) => w.map((row) => row.map(() => 0)));
  for (let step = 0; step < steps; step++) {
    const from = (step % (training.labels.data.length / batch)) * batch;
    const gradients = backward(training, from, batch, weights);
    speeds = speeds.map((s, k) =>
      s.map((row, r) => row.map((v, c) => clamp(grid(momentum * v + gradients[k]![r]![c]!, 16), 64))),
    );
    weights = weights.map((w, k) =>
      w.map((row, r) => row.map((v, c) => clamp(v - grid(rate * speeds[k]![r]![c]!, 16), 8))),
    );
  }
  const count = validation.labels.data.length;
  const { scores } = forward(validation, 0, count, weights);
  const right = scores.filter(
    (row, i) => row.indexOf(Math.max(...row)) === Number(validation.labels.data[i]),
  ).length;
  const squares = sum(count * 10, (i) => {
    const [image, digit] = [Math.floor(i / 10), i % 10];
    const truth = Number(validation.labels.data[image]) === digit ? 1 : 0;
    return clamp(scores[image]![digit]! - truth, 8) ** 2;
  });
  return { right, loss: Math.floor(squares * (1000 / count) + 0.5) };
}

function forward({ images }: Samples, from: number, count: number, [w1, b1, w2, b2]: readonly Matrix[]) {
  const pixels = images.dims[1]!;
  const x = matrix(count, pixels, (r, c) => images.data[(from + r) * pixels + c]! / 256);
  const h = matrix(count, b1![0]!.length, (r, c) => {
    const z = sum(pixels, (i) => x[r]![i]! * w1![i]![c]!) + b1![0]![c]!;
    return Math.min(Math.max(grid(z, 10), 0), 512);
  });
  const scores = matrix(count, 10, (r, c) =>
    grid(sum(w2!.length, (i) => h[r]![i]! * w2![i]![c]!) + b2![0]![c]!, 10),
  );
  return { x, h, scores };
}

function backward(samples: Samples, from: number, batch: number, weights: readonly Matrix[]): Matrix[] {
  const { x, h, scores } = forward(samples, from, batch, weights);
  const [w1, , w2] = weights as [Matrix, Matrix, Matrix];
  const error = matrix(batch, 10, (r, c) =>
    clamp(scores[r]![c]! - (Number(samples.labels.data[from + r]) === c ? 1 : 0), 8),
  );
  const back = matrix(batch, w2.length, (r, c) =>
    h[r]![c]! > 0
      ? grid(
          sum(10, (k) => error[r]![k]! * w2[c]![k]!),
          12,
        )
      : 0,
  );
  const mean = (value: number) => grid(value / batch, 16);
  return [
    matrix(w1.length, w2.length, (r, c) => mean(sum(batch, (i) => x[i]![r]! * back[i]![c]!))),
    matrix(1, w2.length, (_, c) => mean(sum(batch, (i) => back[i]![c]!))),
    matrix(w2.length, 10, (r, c) => mean(sum(batch, (i) => h[i]![r]! * error[i]![c]!))),
    matrix(1, 10, (_, c) => mean(sum(batch, (i) => error[i]![c]!))),
  ];
}

function first(seed: bigint, site: number, rows: number, columns: number, fanIn: number): Matrix {
  const cube = (x: bigint) => x ** 3n % prime;
  const key = cube((cube(((seed % prime) + 1_640_531_527n) % prime) + 1_013_904_223n + BigInt(site)) % prime);
  const spread = 2 ** Math.round(Math.log2(Math.sqrt(6 / fanIn)));
  return matrix(rows, columns, (r, c) => {
    let mixed = (BigInt(r * columns + c) + key) % prime;
    for (const constant of [1_779_033_703n, 387_276_957n, 928_160_669n])
      mixed = cube((mixed + constant) % prime);
    return ((Number(mixed % 4096n) - 2048) * spread) / 2048;
  });
}
