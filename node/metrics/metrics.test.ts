import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";
import { MetricsPortError, serveMetrics } from "./metrics-server.ts";

test("figures are served under Substrate's names, and nothing else is", async () => {
  const metrics = createMetrics({ name: "matrixai", version: "1.2.3" });
  metrics.blockHeight.set({ status: "best" }, 7);
  metrics.readyTransactions.set(3);
  const server = await serveMetrics(metrics.registry, { port: 0 });
  try {
    const base = `http://127.0.0.1:${server.port}`;
    const response = await fetch(`${base}/metrics`);
    const text = await response.text();
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(text).toContain('substrate_block_height{status="best"} 7');
    expect(text).toContain("substrate_ready_transactions_number 3");
    expect(text).toContain('substrate_build_info{name="matrixai",version="1.2.3"} 1');
    expect((await fetch(`${base}/other`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: "POST" })).status).toBe(404);
  } finally {
    await server.close();
  }
});

test("a busy port is named, with what to do", async () => {
  const { registry } = createMetrics({ name: "matrixai", version: "1" });
  const first = await serveMetrics(registry, { port: 0 });
  const second = serveMetrics(registry, { port: first.port });
  await expect(second).rejects.toThrow(MetricsPortError);
  await expect(second).rejects.toThrow(`127.0.0.1:${first.port}: another program uses it`);
  await first.close();
});
