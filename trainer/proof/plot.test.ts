import { expect, test } from "vitest";
import { plotChain } from "./plot.ts";

const curves = {
  steps: [0, 10, 20],
  accuracy: [0.1, 0.5, 0.9],
  loss: [2.3, 1.1, 0.4],
  distance: [3, 1, 0],
  movement: [0.2, 0.1],
  checks: [
    { name: "rule1 accuracy rises", passed: true },
    { name: "rule2 <continuous>", passed: false },
  ],
};

test("a chain becomes one SVG that holds every curve, point and verdict, and nothing from outside", async () => {
  const svg = await plotChain("order 7 & more", curves);
  expect(svg).toMatch(/^<svg .*<\/svg>$/s);
  for (const text of [
    "order 7 &amp; more",
    "validation accuracy",
    "distance to the result",
    "rule2 &lt;continuous&gt;",
  ])
    expect(svg).toContain(text);
  const points = (svg.match(/aria-roledescription="point"/g) ?? []).length;
  expect(points).toBe(4 * 3 - 1);
  expect(svg).toContain("#b3261e");
  expect(svg).not.toMatch(/href|<script/);
  expect(await plotChain("order 7 & more", curves)).toBe(svg);
});
