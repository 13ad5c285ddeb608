/** Digits as PNG files. */
import { join } from "node:path";
import sharp from "sharp";
import { blake2b256 } from "../../trainer/engine/data/blake2b.ts";
import { digitSide, digits } from "../../trainer/engine/data/digits.ts";
import { childSeed } from "../../trainer/engine/data/seeded.ts";

export interface Shown {
  readonly file: string;
  readonly label: number;
}

const root = blake2b256(Buffer.from("sample images"));

/** Writes `count` images into a folder that is there; another seed draws others. Gives what each shows. */
export async function writeSampleImages(folder: string, count: number, seed: number): Promise<Shown[]> {
  const { images, labels } = digits(childSeed(root, "images", seed), count);
  const size = digitSide * digitSide;
  return Promise.all(
    Array.from(labels.data, async (label, i) => {
      const file = `${String(i).padStart(6, "0")}.png`;
      const pixels = images.data.subarray(i * size, (i + 1) * size);
      await sharp(pixels, { raw: { width: digitSide, height: digitSide, channels: 1 } })
        .toColourspace("b-w")
        .png()
        .toFile(join(folder, file));
      return { file, label };
    }),
  );
}
