import { memoryColumn } from "../../engine/data/column.ts";
import { type Dataset, dataRoot, dataset } from "../../engine/data/dataset.ts";
import { digitSide, digits } from "../../engine/data/digits.ts";
import { tensor } from "../../engine/tensor.ts";
import { type Hash, toHex } from "../canonical.ts";

export interface SmallDigits {
  readonly data: Dataset;
  readonly root: Hash;
}

const side = digitSide / 2;

/** `count` digits of 14x14 pixels in 0 to 1, with their labels under the name `target`. */
export async function smallDigits(seed: number, count: number): Promise<SmallDigits> {
  const { images, labels } = digits(new Uint8Array(32).fill(seed), count);
  const small = new Float32Array(count * side * side);
  const pixel = (i: number, y: number, x: number) =>
    images.data[(i * digitSide + y) * digitSide + x] as number;
  for (let at = 0; at < small.length; at++) {
    const i = Math.floor(at / (side * side));
    const y = 2 * (Math.floor(at / side) % side);
    const x = 2 * (at % side);
    small[at] = (pixel(i, y, x) + pixel(i, y, x + 1) + pixel(i, y + 1, x) + pixel(i, y + 1, x + 1)) / 1020;
  }
  const data = dataset({
    image: memoryColumn(tensor("float32", [count, 1, side, side], small)),
    target: memoryColumn(tensor("int64", [count], BigInt64Array.from(labels.data, BigInt))),
  });
  return { data, root: toHex((await dataRoot(data)).root) };
}
