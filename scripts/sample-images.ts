/**
 * Real image files for the sample project "image labels": `node scripts/sample-images.ts FOLDER [COUNT] [SEED]` draws
 * digits and writes them as PNG into FOLDER/images, and what they show into FOLDER/truth.csv.
 */
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeSampleImages } from "./samples/images.ts";

const [folder, count = "200", seed = "1"] = process.argv.slice(2);
const isWhole = (text: string) => /^\d{1,7}$/.test(text);
if (folder === undefined || !isWhole(count) || !isWhole(seed) || Number(count) === 0) {
  console.error("usage: node scripts/sample-images.ts FOLDER [COUNT] [SEED]");
  process.exit(2);
}
const images = join(folder, "images");
mkdirSync(images, { recursive: true });
const truth = await writeSampleImages(images, Number(count), Number(seed));
await writeFile(
  join(folder, "truth.csv"),
  `file,label\n${truth.map(({ file, label }) => `${file},${label}\n`).join("")}`,
);
console.log(`${count} images in ${images}, what they show in ${join(folder, "truth.csv")}`);
