import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { drawTensor, exactLog, type Start } from "./init.ts";
import { deviation, type Law, lawSchema } from "./law.ts";

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const laws: Law[] = [
  { law: "gmm2" },
  ...(["he", "xavier", "fanIn"] as const).flatMap((law) => [
    { law, shape: "normal" } as const,
    { law, shape: "uniform" } as const,
  ]),
];
const start = (law: Law, dims = [300, 200]): Start => ({
  name: "w",
  dtype: "float32",
  dims,
  law,
  fanIn: 200,
  fanOut: 300,
});

test("the logarithm agrees with the platform's to two units in the last place", () => {
  let worst = 0;
  for (let x = 2 ** -106; x < 4; x *= 1.0009) {
    const expected = Math.log(x);
    worst = Math.max(worst, Math.abs(exactLog(x) - expected) / Math.max(Math.abs(expected), 1e-3));
  }
  expect(worst).toBeLessThan(5e-16);
  expect(exactLog(1)).toBe(0);
});

test.each(laws)("$law $shape has the moments of its formula", (law) => {
  const values = drawTensor(start(law), seed);
  const n = values.length;
  const sigma = deviation(start(law));
  const moment = (k: number) => values.reduce((sum, v) => sum + (v / sigma) ** k, 0) / n;
  const fourth = law.law === "gmm2" ? 43 / 25 : law.law !== "constant" && law.shape === "uniform" ? 9 / 5 : 3;
  // Five standard errors of each estimate; the seed is fixed.
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt((fourth - 1) / n));
  expect(Math.abs(moment(4) - fourth)).toBeLessThan(5 * Math.sqrt(96 / n));
});

test("every law gives the bytes of an independent implementation", () => {
  const vectors = z
    .array(z.object({ law: lawSchema, fanIn: z.number(), fanOut: z.number(), float32: z.string() }))
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, "vectors/initialisation.json"), "utf8")));
  expect(vectors.map((v) => v.law)).toEqual(laws);
  for (const { float32, ...rest } of vectors) {
    const values = drawTensor({ ...start(rest.law, [100]), ...rest }, seed);
    expect(Buffer.from(values.buffer).toString("hex")).toBe(float32);
  }
});

test("constants are constant, and a tensor's values depend on its own name alone", () => {
  expect([...drawTensor(start({ law: "constant", value: 0.5 }, [3]), seed)]).toEqual([0.5, 0.5, 0.5]);
  const w = start({ law: "gmm2" }, [4, 4]);
  expect(drawTensor({ ...w, name: "v" }, seed)).not.toEqual(drawTensor(w, seed));
  expect(drawTensor(w, seed)).toEqual(drawTensor(start({ law: "gmm2" }, [8, 8]), seed).subarray(0, 16));
});
