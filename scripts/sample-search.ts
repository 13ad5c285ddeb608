/**
 * Makes the sample project "hyper-parameter search": `node scripts/sample-search.ts FOLDER [SEEDS]` writes the training
 * as FOLDER/search.onnx, and each set of hyper-parameters as a file in FOLDER/points.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors } from "../trainer/engine/data/safetensors.ts";
import { samplePoints, sampleSearch } from "./samples/search-data.ts";

const [folder, seeds = "2"] = process.argv.slice(2);
if (folder === undefined || !/^[1-9]\d{0,2}$/.test(seeds)) {
  console.error("usage: node scripts/sample-search.ts FOLDER [SEEDS]");
  process.exit(2);
}
const points = join(folder, "points");
mkdirSync(points, { recursive: true });
writeFileSync(join(folder, "search.onnx"), sampleSearch());
const all = samplePoints(Number(seeds));
for (const [i, point] of all.entries())
  writeFileSync(join(points, `point-${String(i).padStart(4, "0")}.safetensors`), encodeSafetensors(point));
console.log(`${join(folder, "search.onnx")}, and ${all.length} points in ${points}`);
