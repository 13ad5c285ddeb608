import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createMetrics } from "../../node/metrics/metrics.ts";
import { Figures } from "../../trainer/agent/figures.ts";

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const publishers: readonly (readonly [string, string, () => Registry, number])[] = [
  ["the node", "grafana.json", () => createMetrics({ name: "matrixai", version: "0.0.0" }).registry, 30],
  ["a trainer's agent", "trainer.json", () => new Figures(tmpdir()).registry, 15],
];

test.each(publishers)(
  "every figure of a Grafana dashboard is one that %s publishes",
  (_, name, open, least) => {
    const file = join(import.meta.dirname, "../../docs/operations", name);
    const { panels } = JSON.parse(readFileSync(file, "utf8")) as { panels: Panel[] };
    const published = new Set(
      open()
        .getMetricsAsArray()
        .map((metric) => metric.name),
    );
    const used = panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:substrate|matrixai|process|nodejs)_\w+/g) ?? []),
    );
    expect(used.length).toBeGreaterThan(least);
    expect(used.filter((metric) => !published.has(metric.replace(/_bucket$/, "")))).toEqual([]);
  },
);

test("all that an agent tells of its work is on its dashboard", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/operations/trainer.json"), "utf8");
  const names = new Figures(tmpdir()).registry.getMetricsAsArray().map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("matrixai_") && !text.includes(name))).toEqual([]);
});
