import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMetrics } from "../../node/metrics/metrics.ts";

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

test("every figure of the Grafana dashboard is one that the node publishes", () => {
  const file = join(import.meta.dirname, "../../docs/operations/grafana.json");
  const { panels } = JSON.parse(readFileSync(file, "utf8")) as { panels: Panel[] };
  const { registry } = createMetrics({ name: "matrixai", version: "0.0.0" });
  const published = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  const used = panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:substrate|matrixai|process|nodejs)_\w+/g) ?? []),
  );
  expect(used.length).toBeGreaterThan(30);
  expect(used.filter((name) => !published.has(name.replace(/_bucket$/, "")))).toEqual([]);
});
