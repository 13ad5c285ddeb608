import { expect, test } from "vitest";
import { memoryColumn } from "../engine/data/column.ts";
import { dataset } from "../engine/data/dataset.ts";
import type { DataSpec } from "../engine/program.ts";
import { tensor } from "../engine/tensor.ts";
import { checkSamples } from "./sound-samples.ts";

const specs: DataSpec[] = [
  { name: "image", dtype: "float32", dims: [2] },
  { name: "target", dtype: "int64", dims: [], below: 10, ignore: -100 },
];
const rows = 6000;

/** More samples than are read at once, one of them with this value or this label. */
function samples(at: number, value: number, label: bigint) {
  const values = new Float32Array(2 * rows).fill(0.5);
  const labels = new BigInt64Array(rows).fill(3n);
  values[2 * at + 1] = value;
  labels[at] = label;
  return dataset({
    image: memoryColumn(tensor("float32", [rows, 2], values)),
    target: memoryColumn(tensor("int64", [rows], labels)),
  });
}

test.each([
  [0, Number.NaN, 3n, /training: image of sample 0 is NaN, expected a finite number/],
  [5999, -Infinity, 3n, /training: image of sample 5999 is -Infinity/],
  [4097, 1, 10n, /training: target of sample 4097 is 10, expected a class from 0 to 9, or -100 for none/],
  [7, 1, -1n, /training: target of sample 7 is -1/],
])("sample %i with %f and label %i is refused", async (at, value, label, message) => {
  const checked = checkSamples("training", samples(at, value, label), specs);
  await expect(checked).rejects.toMatchObject({ name: "DataError", code: "BadValue" });
  await expect(checked).rejects.toThrow(message);
});

test("finite values, classes, and labels that do not count are taken", async () => {
  await checkSamples("training", samples(4100, 3.4e38, -100n), specs);
});

test("it stops when it is told to", async () => {
  const checked = checkSamples("training", samples(0, 1, 1n), specs, AbortSignal.abort(new Error("enough")));
  await expect(checked).rejects.toThrow("enough");
});
