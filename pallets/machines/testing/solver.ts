/** An answer to a hardware challenge, made as its description says and in nobody's way but the plainest. */
import { createCipheriv } from "node:crypto";
import { concatBytes, textBytes } from "../../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { commitmentOf, type Opening, type Products, picksOf } from "../gemm.ts";

export interface Solved {
  readonly roots: readonly Uint8Array[];
  readonly commitment: Uint8Array;
  /** Opens what this randomness picks. */
  open(randomness: Uint8Array, count: number): Opening[];
}

const h = (...parts: Uint8Array[]) => blake2_256(concatBytes(...parts));

/** `spoil` may change each product before it is committed to. */
export function solve(products: Products, spoil: (product: Int32Array) => void = () => undefined): Solved {
  const { n, rounds } = products;
  const levels: Uint8Array[][][] = [];
  const leaves: Uint8Array[][] = [];
  const roots: Uint8Array[] = [];
  let seed = products.seed;
  for (let round = 0; round < rounds; round++) {
    const product = multiply(seed, n);
    spoil(product);
    const bytes = new Uint8Array(product.buffer);
    const cut = Array.from({ length: bytes.length / 1024 }, (_, i) => bytes.slice(1024 * i, 1024 * (i + 1)));
    leaves.push(cut);
    levels.push(tree(cut));
    const count = new Uint8Array(8);
    new DataView(count.buffer).setUint32(0, cut.length, true);
    roots.push(h(Uint8Array.of(2), count, levels[round]!.at(-1)![0]!));
    seed = h(textBytes("gemm/next"), seed, roots[round]!);
  }
  return {
    roots,
    commitment: commitmentOf(products, roots),
    open: (randomness, count) =>
      picksOf(products, randomness, count).map(({ round, row, column }) => {
        const index = Math.floor((row * n + column) / 256);
        const siblings = levels[round]!.flatMap((level, height) => level[(index >> height) ^ 1] ?? []);
        return { leaf: leaves[round]![index]!, siblings };
      }),
  };
}

function multiply(seed: Uint8Array, n: number): Int32Array {
  const [a, b] = [matrix(seed, "A", n), matrix(seed, "B", n)];
  const product = new Int32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[j * n + k]!;
      product[i * n + j] = sum;
    }
  }
  return product;
}

function matrix(seed: Uint8Array, name: string, n: number): Int8Array {
  const iv = Buffer.alloc(16);
  iv.write(`gemm/${name}`, 4, "ascii");
  const stream = createCipheriv("chacha20", seed, iv).update(Buffer.alloc((n * n) / 2));
  return Int8Array.from({ length: n * n }, (_, i) => ((stream[i >> 1]! >> (4 * (i & 1))) & 15) - 8);
}

function tree(leaves: readonly Uint8Array[]): Uint8Array[][] {
  const levels = [leaves.map((leaf) => h(Uint8Array.of(0), leaf))];
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(h(Uint8Array.of(1), level[i]!, level[i + 1]!));
    levels.push(next);
  }
  return levels;
}
