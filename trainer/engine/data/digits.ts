/**
 * Handwritten-like digits: 28x28 grey images with labels, as sample data that needs no download.
 *
 * Each digit is drawn from one of several pen skeletons: its points are shaken, a smooth curve is laid through
 * them, the whole is rotated, sheared, scaled, bent and moved, and a pen of random width draws it on noisy paper.
 * Only +, -, *, / and the square root are used, which IEEE 754 fixes to the last bit: a seed gives the same bytes
 * on every machine.
 */
import { join } from "node:path";
import { type Tensor, tensor } from "../tensor.ts";
import { writeWhole } from "../whole-file.ts";
import { type Glyph, glyphs, type Point } from "./digit-glyphs.ts";
import { encodeIdx } from "./idx.ts";
import { childSeed, type SeededGenerator, seededGenerator } from "./seeded.ts";

export const digitSide = 28;
const pixels = digitSide * digitSide;

export interface Digits {
  /** uint8 [count, 28, 28], ink is 255. */
  readonly images: Tensor<"uint8">;
  /** uint8 [count], the digits 0 to 9. */
  readonly labels: Tensor<"uint8">;
}

/** `count` digits; image i depends on the seed and i alone. */
export function digits(seed: Uint8Array, count: number): Digits {
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const random = seededGenerator(childSeed(seed, "digit", i));
    const label = random.below(10);
    labels[i] = label;
    draw(random, label, images.subarray(i * pixels, (i + 1) * pixels));
  }
  return {
    images: tensor("uint8", [count, digitSide, digitSide], images),
    labels: tensor("uint8", [count], labels),
  };
}

/** Writes `<name>-images.idx` and `<name>-labels.idx`. */
export async function writeDigits(
  folder: string,
  name: string,
  { images, labels }: Digits,
): Promise<{ images: string; labels: string }> {
  const paths = { images: join(folder, `${name}-images.idx`), labels: join(folder, `${name}-labels.idx`) };
  await writeWhole(paths.images, encodeIdx(images));
  await writeWhole(paths.labels, encodeIdx(labels));
  return paths;
}

/** How far writers stray; lengths in units of the glyph's box, whose side is 1. */
const style = {
  shake: 0.035,
  turn: 0.14,
  shear: 0.18,
  bend: 0.12,
  size: [0.6, 0.8],
  squeeze: [0.65, 1.05],
  move: 0.06,
  penPixels: [1.1, 2.6],
  ink: [0.65, 1],
  paper: 0.06,
} as const;

function draw(random: SeededGenerator, label: number, image: Uint8Array): void {
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random.float();
  // The sum of four uniforms stands in for a normal: mean 0, variance 1, no logarithm.
  const normal = () => (random.float() + random.float() + random.float() + random.float() - 2) * Math.sqrt(3);
  const variants = glyphs[label] as readonly Glyph[];
  const glyph = variants[random.below(variants.length)] as Glyph;
  const place = placement(between, normal);
  const radius = between(style.penPixels) / 2;
  const ink = between(style.ink);
  const shaken = glyph.map((stroke) =>
    stroke.map(([x, y]): Point => place([x + style.shake * normal(), y + style.shake * normal()])),
  );
  const cover = new Float64Array(pixels);
  for (const stroke of shaken) {
    const path = smooth(stroke);
    for (let i = 1; i < path.length; i++) penStroke(cover, path[i - 1] as Point, path[i] as Point, radius);
  }
  for (let p = 0; p < pixels; p++) {
    const value = ink * (cover[p] as number) + style.paper * normal();
    image[p] = Math.max(0, Math.min(255, Math.round(255 * value)));
  }
}

/** From the glyph's box to pixels: bend, shear, scale, rotate about the middle, move. */
function placement(
  between: (range: readonly [number, number]) => number,
  normal: () => number,
): (p: Point) => Point {
  const t = style.turn * 0.5 * normal();
  const [cos, sin] = [(1 - t * t) / (1 + t * t), (2 * t) / (1 + t * t)]; // tan(angle / 2) = t: no sine is needed
  const shear = style.shear * normal();
  const height = between(style.size);
  const width = height * between(style.squeeze);
  const [bendX, bendY] = [style.bend * normal(), style.bend * normal()];
  const [moveX, moveY] = [style.move * normal(), style.move * normal()];
  return ([px, py]) => {
    const [u, v] = [px - 0.5, py - 0.5];
    const x = (u + bendX * (4 * v * v - 0.5) * 0.5 - shear * v) * width;
    const y = (v + bendY * (4 * u * u - 0.5) * 0.5) * height;
    return [(0.5 + moveX + cos * x - sin * y) * digitSide, (0.5 + moveY + sin * x + cos * y) * digitSide];
  };
}

const stepsPerPoint = 6;

/** A Catmull-Rom curve through the points. */
function smooth(points: readonly Point[]): Point[] {
  const at = (i: number) => points[Math.max(0, Math.min(points.length - 1, i))] as Point;
  const path: Point[] = [at(0)];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let s = 1; s <= stepsPerPoint; s++) {
      const t = s / stepsPerPoint;
      const spline = (k: 0 | 1) =>
        b[k] +
        0.5 *
          t *
          (c[k] - a[k] + t * (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k] + t * (3 * (b[k] - c[k]) + d[k] - a[k])));
      path.push([spline(0), spline(1)]);
    }
  }
  return path;
}

/** Darkens the pixels near the segment from a to b: fully within the pen, fading over one pixel at its edge. */
function penStroke(cover: Float64Array, a: Point, b: Point, radius: number): void {
  const reach = radius + 0.5;
  const clip = (v: number) => Math.max(0, Math.min(digitSide - 1, v));
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length2 = dx * dx + dy * dy;
  for (
    let row = clip(Math.floor(Math.min(a[1], b[1]) - reach));
    row <= clip(Math.ceil(Math.max(a[1], b[1]) + reach));
    row++
  ) {
    for (
      let col = clip(Math.floor(Math.min(a[0], b[0]) - reach));
      col <= clip(Math.ceil(Math.max(a[0], b[0]) + reach));
      col++
    ) {
      const [px, py] = [col + 0.5 - a[0], row + 0.5 - a[1]];
      const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
      const [ex, ey] = [px - t * dx, py - t * dy];
      const dark = Math.max(0, Math.min(1, reach - Math.sqrt(ex * ex + ey * ey)));
      const at = row * digitSide + col;
      if (dark > (cover[at] as number)) cover[at] = dark;
    }
  }
}
