import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import { Build } from "./graph/build.ts";
import { Graph } from "./graph/graph.ts";
import { graphInit, Names, writeModel } from "./onnx/write.ts";
import { rows } from "./ops/table.ts";
import { keepMask, prime } from "./random.ts";
import { tensor } from "./tensor.ts";
import { sessionOptions, toOrt } from "./testing/local-session.ts";

const dims = [128, 96];

async function mask(counter: bigint, site = 0, ratio = 0.25): Promise<Float32Array> {
  const graph = new Graph(rows);
  graph.output("y", keepMask(new Build(graph), dims, ratio, graph.input("step", "int64", []), site));
  const session = await InferenceSession.create(
    writeModel(graphInit(graph, new Names(), "mask")),
    sessionOptions(1),
  );
  const { y } = await session.run({ step: toOrt(tensor("int64", [], BigInt64Array.of(counter))) });
  await session.release();
  return y!.data as Float32Array;
}

/** How far from `expected` a share of `count` trials is, in standard deviations. */
const deviation = (share: number, expected: number, count: number) =>
  Math.abs(share - expected) / Math.sqrt((expected * (1 - expected)) / count);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

test("the modulus is prime and cubing is a permutation of it", () => {
  expect(prime % 3).toBe(2);
  for (let d = 2; d * d <= prime; d++) if (prime % d === 0) throw new Error(`${d} divides ${prime}`);
});

test("masks have their share, and are independent over steps, places, rows and columns", async () => {
  const masks = await Promise.all([mask(0n), mask(1n), mask(2n ** 40n), mask(0n, 1), mask(1n, 1)]);
  const size = dims[0]! * dims[1]!;
  for (const m of masks) expect(deviation(mean(m), 0.75, size)).toBeLessThan(4);
  for (const [i, a] of masks.entries()) {
    for (const b of masks.slice(i + 1))
      expect(deviation(mean(a.map((v, k) => v * b[k]!)), 0.5625, size)).toBeLessThan(4);
    for (const shift of [1, 2, dims[1]!, dims[1]! + 1, 7 * dims[1]!]) {
      const product = a.slice(shift).map((v, k) => v * a[k]!);
      expect(deviation(mean(product), 0.5625, size - shift), `shift ${shift}`).toBeLessThan(4.5);
    }
    const rowShares = Array.from({ length: dims[0]! }, (_, r) =>
      mean(a.subarray(r * dims[1]!, (r + 1) * dims[1]!)),
    );
    for (const share of rowShares) expect(deviation(share, 0.75, dims[1]!)).toBeLessThan(4.5);
  }
});

test("the mask is that of exact integer arithmetic", async () => {
  const p = BigInt(prime);
  const constants = [
    1_640_531_527n,
    1_013_904_223n,
    1_779_033_703n,
    387_276_957n,
    928_160_669n,
    1_359_893_119n,
  ];
  const cube = (x: bigint) => x ** 3n % p;
  const mix = (x: bigint, count: number) => constants.slice(0, count).reduce((y, c) => cube((y + c) % p), x);
  const key = mix((mix(12345n % p, 3) + 2n) % p, 3);
  const row = Array.from({ length: dims[0]! }, (_, i) => mix((BigInt(i) + key) % p, 4));
  const column = Array.from({ length: dims[1]! }, (_, i) => mix((BigInt(i) + constants[5]!) % p, 4));
  const limit = BigInt(Math.floor(0.25 * prime));
  const expected = row.flatMap((r) => column.map((c) => (cube((r + c) % p) < limit ? 0 : 1)));
  expect([...(await mask(12345n, 2))]).toEqual(expected);
});
