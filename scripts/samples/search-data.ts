/** Small digits for the search, and the hyper-parameters that it looks among. */
import { blake2b256 } from "../../trainer/engine/data/blake2b.ts";
import { digitSide, digits } from "../../trainer/engine/data/digits.ts";
import { childSeed } from "../../trainer/engine/data/seeded.ts";
import { type Tensors, tensor } from "../../trainer/engine/tensor.ts";
import { type Samples, searchGraph } from "./search-graph.ts";

const root = blake2b256(Buffer.from("sample search"));
/** Four pixels of a digit become one. */
const shrink = 4;
const side = digitSide / shrink;
const [trained, validated] = [1024, 1400];

/** Five rounds through 1,024 digits of 7x7, in batches of 32; validated on 1,400 others. */
export const sampleSearch = (): Uint8Array =>
  searchGraph(small("train", trained), small("validation", validated), { hidden: 32, batch: 32, steps: 160 });

function small(name: string, count: number): Samples {
  const { images, labels } = digits(childSeed(root, name, 0), count);
  const data = new Uint8Array(count * side * side);
  for (let i = 0; i < data.length; i++) {
    const [image, row, column] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side];
    let sum = 0;
    for (let y = 0; y < shrink; y++)
      for (let x = 0; x < shrink; x++)
        sum += images.data[(image * digitSide + row * shrink + y) * digitSide + column * shrink + x]!;
    data[i] = Math.round(sum / (shrink * shrink));
  }
  return {
    images: tensor("uint8", [count, side * side], data),
    labels: tensor("int64", [count], BigInt64Array.from(labels.data, BigInt)),
  };
}

const rates = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
const momenta = [0, 0.5, 0.75, 0.875, 0.9375];

/** A grid over learning rate and momentum, with another seed for each of `seeds`. */
export function samplePoints(seeds: number): Tensors[] {
  const scalar = (x: number) => tensor("float64", [], Float64Array.of(x));
  return rates.flatMap((rate) =>
    momenta.flatMap((momentum) =>
      Array.from({ length: seeds }, (_, seed) => ({
        learning_rate: scalar(rate),
        momentum: scalar(momentum),
        seed: tensor("int64", [], BigInt64Array.of(BigInt(seed))),
      })),
    ),
  );
}
