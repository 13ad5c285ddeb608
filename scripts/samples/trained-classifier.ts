/** Trains the sample's network with the engine, and turns it into whole numbers. */
import { blake2b256 } from "../../trainer/engine/data/blake2b.ts";
import { type Digits, digitSide, digits } from "../../trainer/engine/data/digits.ts";
import { childSeed, seededGenerator } from "../../trainer/engine/data/seeded.ts";
import type { Device } from "../../trainer/engine/device/device.ts";
import { softmaxCrossEntropy } from "../../trainer/engine/loss.ts";
import { readModel } from "../../trainer/engine/onnx/read.ts";
import { adam } from "../../trainer/engine/optimiser.ts";
import { learningRates } from "../../trainer/engine/schedule.ts";
import { type Tensor, type Tensors, tensor } from "../../trainer/engine/tensor.ts";
import { initialState, trainProgram } from "../../trainer/engine/train.ts";
import { digitsNetwork, firstWeights } from "./digits-network.ts";
import { quantisedNetwork, type Ranges } from "./quantised-network.ts";

export interface Trained {
  /** The ONNX file in whole numbers, and in floats. */
  readonly quantised: Uint8Array;
  readonly floats: Uint8Array;
}

const [count, batch, epochs, rate] = [12_000, 50, 5, 0.002];
/** Images that the ranges of hidden layers are looked up with. */
const looked = 500;
const seed = blake2b256(Buffer.from("sample classifier"));

export async function trainedClassifier(device: Device): Promise<Trained> {
  const drawn = digits(childSeed(seed, "train", 0), count);
  const model = readModel(digitsNetwork(firstWeights(seed)));
  const steps = count / batch;
  const program = trainProgram(model, { loss: softmaxCrossEntropy(), optimiser: adam(), batch, steps });
  const data = {
    image: pixels(drawn, count),
    target: tensor("int64", [count], BigInt64Array.from(drawn.labels.data, BigInt)),
  };
  let state = initialState(program, model);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = tensor("int64", [steps, batch], shuffled(epoch));
    const lr = learningRates({ type: "cosine", lr: rate }, { total: epochs * steps }, epoch * steps, steps);
    state = (await device.run(program, { state, data, order, lr }, { resident: true })).state;
  }
  const weights = Object.fromEntries([...model.initialisers.keys()].map((name) => [name, state[name]!]));
  const ranges = await rangesOf(device, weights, pixels(drawn, looked));
  return { quantised: quantisedNetwork(weights, ranges), floats: digitsNetwork(weights) };
}

/** The first images, as the float network takes them. */
function pixels({ images }: Digits, many: number): Tensor<"float32"> {
  const size = digitSide * digitSide;
  const data = Float32Array.from(images.data.subarray(0, many * size), (p) => p / 255);
  return tensor("float32", [many, 1, digitSide, digitSide], data);
}

function shuffled(epoch: number): BigInt64Array {
  const rows = BigInt64Array.from({ length: count }, (_, i) => BigInt(i));
  const random = seededGenerator(childSeed(seed, "order", epoch));
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [rows[i], rows[j]] = [rows[j]!, rows[i]!];
  }
  return rows;
}

async function rangesOf(device: Device, weights: Tensors, images: Tensor): Promise<Ranges> {
  const bytes = digitsNetwork(weights, ["h0", "h1"]);
  const out = await device.runGraph({ id: "ranges", bytes }, { image: images });
  const largest = (name: string) => {
    let most = 0;
    for (const x of out[name]?.data ?? []) most = Math.max(most, Number(x));
    return most;
  };
  return [largest("h0"), largest("h1")];
}
