/**
 * A folder of images, one sub-folder per class: `root/<class>/<image>.png`. Classes and files are taken in the
 * order of their names' UTF-8 bytes, so every machine numbers them alike. Decoding is sharp's.
 */
import { type Dirent, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import sharp from "sharp";
import { elements, tensor } from "../tensor.ts";
import { type Column, checkedRow, reason } from "./column.ts";
import { DataError } from "./errors.ts";

/** Every image must have this form. */
export interface ImageForm {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

const extensions = new Set([".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"]);
export const isImageName = (name: string): boolean => extensions.has(extname(name).toLowerCase());
const maxFiles = 10_000_000;
const maxSide = 4096;
/** Images that are decoded side by side: more would only take memory. */
const decodedTogether = 16;

/** The images as uint8 samples [channels, height, width]; colour is turned to grey when one channel is asked for. */
export function openImages(root: string, form: ImageForm): Column {
  const { files } = listImages(root);
  const { channels, height, width } = form;
  if (height > maxSide || width > maxSide)
    throw new DataError("TooLarge", root, `an image side is at most ${maxSide}`);
  const size = elements([channels, height, width]);
  return {
    dtype: "uint8",
    dims: [channels, height, width],
    rows: files.length,
    async read(indices) {
      const out = new Uint8Array(indices.length * size);
      const paths = Array.from(
        indices,
        (row) => (files[checkedRow(root, row, files.length)] as ImageFile).path,
      );
      for (let at = 0; at < paths.length; at += decodedTogether) {
        const group = paths.slice(at, at + decodedTogether).map((path) => decodeImage(path, form));
        for (const [i, pixels] of (await Promise.all(group)).entries()) out.set(pixels, (at + i) * size);
      }
      return tensor("uint8", [indices.length, channels, height, width], out);
    },
    close() {},
  };
}

/** The class of every image, as int64 scalars, in the same order as {@link openImages}. */
export function openImageLabels(root: string): Column {
  const { files } = listImages(root);
  return {
    dtype: "int64",
    dims: [],
    rows: files.length,
    async read(indices) {
      const labels = Array.from(
        indices,
        (row) => (files[checkedRow(root, row, files.length)] as ImageFile).label,
      );
      return tensor("int64", [indices.length], BigInt64Array.from(labels, BigInt));
    },
    close() {},
  };
}

interface ImageFile {
  readonly path: string;
  readonly label: number;
}

/** Classes and files of a folder. Throws a DataError on anything in it that is no image or class. */
function listImages(root: string): { classes: readonly string[]; files: readonly ImageFile[] } {
  const classes = entries(root, (e) => e.isDirectory(), "a folder per class");
  const files = classes.flatMap((name, label) =>
    entries(join(root, name), (e) => e.isFile() && isImageName(e.name), "images").map(
      (file): ImageFile => ({ path: join(root, name, file), label }),
    ),
  );
  if (files.length === 0) throw new DataError("Missing", root, "has no images");
  if (files.length > maxFiles) throw new DataError("TooLarge", root, `has more than ${maxFiles} images`);
  return { classes, files };
}

function entries(folder: string, wanted: (entry: Dirent) => boolean, what: string): string[] {
  let found: Dirent[];
  try {
    found = readdirSync(folder, { withFileTypes: true }).filter((e) => !e.name.startsWith("."));
  } catch (error) {
    throw new DataError("Unreadable", folder, reason(error));
  }
  const other = found.find((e) => !wanted(e));
  if (other !== undefined)
    throw new DataError("Unsupported", folder, `holds "${other.name}": expected only ${what}`);
  return found.map((e) => e.name).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** One image as [channels, height, width]. Throws a DataError when it is none, or has another form. */
export async function decodeImage(path: string, { channels, height, width }: ImageForm): Promise<Uint8Array> {
  try {
    const image = sharp(path, { failOn: "warning", limitInputPixels: maxSide * maxSide, pages: 1 });
    const found = await image.metadata();
    if (found.width !== width || found.height !== height)
      throw new DataError("Mismatch", path, `is ${found.width}x${found.height}, expected ${width}x${height}`);
    const { data } = await image
      .flatten() // transparency on black
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return planar(path, data, channels, height * width);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError("Unreadable", path, `cannot be decoded: ${reason(error)}`);
  }
}

/** From pixel by pixel to channel by channel. */
function planar(path: string, pixels: Buffer, channels: number, area: number): Uint8Array {
  if (pixels.length !== area * channels)
    throw new DataError("Mismatch", path, `has ${pixels.length / area} channels, expected ${channels}`);
  if (channels === 1) return pixels;
  const out = new Uint8Array(pixels.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) out[c * area + i] = pixels[i * channels + c] as number;
  }
  return out;
}
