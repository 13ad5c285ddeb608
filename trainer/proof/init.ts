/**
 * The first checkpoint, re-created byte by byte from a seed by anybody.
 *
 * IEEE 754 fixes the result of +, -, *, / and the square root to the last bit, but not that of a logarithm or a
 * cosine, which differ between libraries and versions. So only the former are used: normals come from Marsaglia's
 * polar method (SIAM Review 6, 1964) with a logarithm made of the basic operations, and every value is rounded to
 * float32 once, at the end. Each tensor has its own stream, `childSeed(seed, "init/" + name)`, read in row-major
 * order, so tensors can be drawn in any order or in parallel.
 */
import { childSeed, type SeededGenerator, seededGenerator } from "../engine/data/seeded.ts";
import { elements, type TensorSpec } from "../engine/tensor.ts";
import { deviation, type Law } from "./law.ts";

/** How one tensor begins. */
export interface Start extends TensorSpec {
  readonly law: Law;
  /** Inputs that one output unit sums over, and outputs that one input feeds; at least 1. */
  readonly fanIn: number;
  readonly fanOut: number;
}

/** The values of one tensor, row-major. */
export function drawTensor(start: Start, seed: Uint8Array): Float32Array {
  const values = new Float32Array(elements(start.dims));
  if (start.law.law === "constant") return values.fill(start.law.value);
  const next = sampler(start, seededGenerator(childSeed(seed, `init/${start.name}`)));
  for (let i = 0; i < values.length; i++) values[i] = next();
  return values;
}

/** All tensors, by name. */
export function drawAll(starts: readonly Start[], seed: Uint8Array): Record<string, Float32Array> {
  return Object.fromEntries(starts.map((start) => [start.name, drawTensor(start, seed)]));
}

function sampler(start: Start, random: SeededGenerator): () => number {
  const { law } = start;
  const sigma = deviation(start);
  if (law.law === "gmm2") {
    const s = sigma / sqrt5;
    const normal = standardNormals(random);
    return () => {
      const centre = random.u32() >>> 31 === 1 ? 2 : -2;
      return s * (centre + normal());
    };
  }
  if (law.law !== "constant" && law.shape === "uniform") {
    const limit = sigma * sqrt3; // a uniform on [-a, a) has the variance a²/3
    return () => limit * (2 * random.float() - 1);
  }
  const normal = standardNormals(random);
  return () => sigma * normal();
}

const sqrt3 = Math.sqrt(3);
const sqrt5 = Math.sqrt(5);

/** Marsaglia's polar method; the second normal of each pair is kept for the next call. */
function standardNormals(random: SeededGenerator): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const u = 2 * random.float() - 1;
      const v = 2 * random.float() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * exactLog(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  };
}

const word = new DataView(new ArrayBuffer(8));

/**
 * Natural logarithm of a positive normal double, by basic operations alone: x = m 2^e with m in [0.5, 2), and
 * ln m = 2 artanh t with t = (m - 1) / (m + 1), summed as 2 (t + t³/3 + … + t³³/33). |t| <= 1/3 leaves an error
 * below 1e-16; what counts is that every machine makes the same one.
 */
export function exactLog(x: number): number {
  word.setFloat64(0, x);
  const high = word.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  word.setUint32(0, (high & 0x000f_ffff) | 0x3ff0_0000);
  let m = word.getFloat64(0);
  if (m > 1.5) {
    m /= 2;
    exponent += 1;
  }
  const t = (m - 1) / (m + 1);
  const t2 = t * t;
  let sum = 0;
  for (let k = 33; k >= 1; k -= 2) sum = sum * t2 + 1 / k;
  return exponent * Math.LN2 + 2 * t * sum;
}
