import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSafetensors } from "../engine/data/safetensors.ts";
import { type Tensor, type Tensors, tensor } from "../engine/tensor.ts";
import { canonicalResult, checkRule, type ResultRule, resultHash } from "./result.ts";

const f32 = (dims: readonly number[], ...list: number[]): Tensor =>
  tensor("float32", dims, Float32Array.from(list));
const f64 = (dims: readonly number[], ...list: number[]): Tensor =>
  tensor("float64", dims, Float64Array.from(list));
const quanta = (quantum: bigint): ResultRule => ({ type: "Quantised", value: { quantum } });
const integers: ResultRule = { type: "Integers" };
const labels: ResultRule = { type: "Labels" };

const numbers = (rule: ResultRule, value: Tensor): bigint[] => {
  const { tensors } = decodeSafetensors("result", canonicalResult(rule, { y: value }));
  return Array.from(tensors.y!.data as BigInt64Array);
};

test("its bytes are those of the format, written by hand", () => {
  const outputs = {
    b: tensor("uint8", [2], Uint8Array.of(7, 255)),
    a: tensor("int32", [], Int32Array.of(-2)),
  };
  const header = `{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[2],"data_offsets":[8,24]}}`;
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = Buffer.from("feffffffffffffff0700000000000000ff00000000000000", "hex");
  const bytes = canonicalResult(integers, outputs);
  expect(Buffer.from(bytes)).toEqual(Buffer.concat([length, Buffer.from(padded), data]));
  expect(Buffer.from(resultHash(bytes)).toString("hex")).toMatch(/^[0-9a-f]{64}$/);
});

test("the order in which outputs come does not matter, their names and shapes do", () => {
  const [a, b] = [tensor("int8", [2], Int8Array.of(1, 2)), tensor("bool", [1], Uint8Array.of(1))];
  const same = (x: Tensors, y: Tensors) =>
    Buffer.compare(canonicalResult(integers, x), canonicalResult(integers, y)) === 0;
  expect(same({ a, b }, { b, a })).toBe(true);
  expect(same({ a, b }, { a: b, b: a })).toBe(false);
  expect(same({ a }, { a: { ...a, dims: [2, 1] } as Tensor })).toBe(false);
  expect(same({ a }, { a: tensor("int64", [2], BigInt64Array.of(1n, 2n)) })).toBe(true);
});

describe("labels", () => {
  test("are the places of the largest along the last axis, the first of equals", () => {
    expect(numbers(labels, f32([2, 3], 1, 5, 5, -1, -2, -3))).toEqual([1n, 0n]);
    expect(numbers(labels, f32([3], -Infinity, 2, Infinity))).toEqual([2n]);
    expect(numbers(labels, tensor("int64", [1, 2], BigInt64Array.of(2n ** 62n, 2n ** 62n + 1n)))).toEqual([
      1n,
    ]);
  });
  test("are none where there is NaN", () => {
    expect(() => numbers(labels, f32([2], 1, Number.NaN))).toThrow(/"y": has NaN/);
  });
});

describe("quantised", () => {
  test.each<[number, bigint, bigint]>([
    [0.1, 100_000_000_000n, 1n],
    [0.25, 500_000_000_000n, 0n],
    [0.75, 500_000_000_000n, 2n],
    [-0.25, 500_000_000_000n, 0n],
    [-0.75, 500_000_000_000n, -2n],
    [-1.25, 500_000_000_000n, -2n],
    [2.5, 1_000_000_000_000n, 2n],
    [3.5, 1_000_000_000_000n, 4n],
    [-0, 1n, 0n],
    [1e-300, 1n, 0n],
    [5e-324, 1n, 0n],
    [2 ** 40, 1_000_000_000_000n, 2n ** 40n],
    // 0.3 is a little less than 3/10, so half of 0.6 quanta is not reached.
    [0.3, 200_000_000_000n, 1n],
    [0.5 + 2 ** -53, 1_000_000_000_000n, 1n],
  ])("%d in quanta of %d 10^-12 is %d", (x, quantum, expected) => {
    expect(numbers(quanta(quantum), f64([1], x))).toEqual([expected]);
  });

  test("never is further from the value than half a quantum, and even where it is just that", () => {
    const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, fc.bigInt({ min: 1_000n, max: 10n ** 13n }), (x, quantum) => {
        const [found] = numbers(quanta(quantum), f64([], x));
        // Both sides times 2^1100: exact, whatever the exponent of x.
        const scale = 1100n;
        const exact = exactly(x, scale) * 10n ** 12n;
        const twice = 2n * (exact - ((found! * quantum) << scale));
        const size = twice < 0n ? -twice : twice;
        const half = quantum << scale;
        expect(size < half || (size === half && found! % 2n === 0n)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("takes whole numbers, too, and refuses what is no number or too many quanta", () => {
    expect(numbers(quanta(2_000_000_000_000n), tensor("int64", [3], BigInt64Array.of(3n, 5n, -3n)))).toEqual([
      2n,
      2n,
      -2n,
    ]);
    expect(() => numbers(quanta(1n), f32([1], Number.NaN))).toThrow(/has NaN among its values/);
    expect(() => numbers(quanta(1n), f32([1], Infinity))).toThrow(/has Infinity/);
    expect(() => numbers(quanta(1n), f64([1], 1e8))).toThrow(/too many quanta/);
  });
});

/** x 2^shift, for shifts so large that it is whole. */
function exactly(x: number, shift: bigint): bigint {
  let [value, left] = [x, shift];
  while (!Number.isInteger(value)) [value, left] = [value * 2, left - 1n];
  return BigInt(value) << left;
}

describe("a rule that does not fit is refused", () => {
  test.each<[string, ResultRule, string, readonly number[], RegExp]>([
    ["floats as integers", integers, "float32", [2], /needs integers; "labels" and "quantised" take floats/],
    ["labels of a scalar", labels, "float32", [], /needs an axis/],
    ["too many numbers", integers, "int64", [2 ** 21 + 1], /at most 2097152/],
    ["a quantum of 0", quanta(0n), "float32", [1], /quantum must not be 0/],
  ])("%s", (_name, rule, dtype, dims, message) => {
    expect(() => checkRule(rule, [{ name: "y", dtype: dtype as "int64", dims }])).toThrow(message);
  });
  test("a name that results cannot hold", () => {
    expect(() => checkRule(integers, [{ name: "__metadata__", dtype: "int64", dims: [] }])).toThrow(
      /__metadata__/,
    );
  });
});
