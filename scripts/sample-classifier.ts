/**
 * Makes the model of the sample project "image labels": `node scripts/sample-classifier.ts [FILE]`. Trains a small
 * network for digits, turns it into whole numbers, and says how many of 4,000 digits that it has not seen each gets right.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { blake2b256 } from "../trainer/engine/data/blake2b.ts";
import { digits } from "../trainer/engine/data/digits.ts";
import { openDevice } from "../trainer/engine/device/device.ts";
import { tensor } from "../trainer/engine/tensor.ts";
import { trainedClassifier } from "./samples/trained-classifier.ts";

const target =
  process.argv[2] ?? join(import.meta.dirname, "../docs/examples/projects/image-labels/classifier.onnx");
const count = 4_000;
const device = await openDevice();
try {
  const { quantised, floats } = await trainedClassifier(device);
  const { images, labels } = digits(blake2b256(Buffer.from("sample classifier, test")), count);
  const dims = [count, 1, 28, 28];
  const bytes = tensor("uint8", dims, images.data);
  const real = tensor(
    "float32",
    dims,
    Float32Array.from(images.data, (p) => p / 255),
  );
  const { label } = await device.runGraph({ id: "quantised", bytes: quantised }, { image: bytes });
  const { scores } = await device.runGraph({ id: "floats", bytes: floats }, { image: real });
  const right = (of: (image: number) => number) =>
    labels.data.reduce((sum, digit, i) => sum + Number(of(i) === digit), 0);
  const largest = (image: number) => {
    const row = Array.from({ length: 10 }, (_, k) => Number(scores!.data[image * 10 + k]));
    return row.indexOf(Math.max(...row));
  };
  writeFileSync(target, quantised);
  console.log(`${target}: ${quantised.length} bytes`);
  console.log(
    `right of ${count}: ${right((i) => Number(label!.data[i]))} in whole numbers, ${right(largest)} in floats`,
  );
} finally {
  device.close();
}
