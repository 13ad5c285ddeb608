import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

/** The port for Prometheus cannot be used; the message says which and why. */
export class MetricsPortError extends Error {
  override readonly name = "MetricsPortError";
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `GET /metrics`; port 0 takes a free one. Everything else is 404. */
export async function serveMetrics(
  registry: Registry,
  {
    port,
    host = "127.0.0.1",
    option = "--prometheus-port",
  }: {
    readonly port: number;
    readonly host?: string;
    /** By which another port is chosen. */
    readonly option?: string;
  },
): Promise<MetricsServer> {
  const server = createServer(async (request, response) => {
    if (request.url !== "/metrics" || request.method !== "GET") {
      response.writeHead(404).end("only GET /metrics is served here\n");
      return;
    }
    try {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType }).end(text);
    } catch {
      response.writeHead(500).end("the metrics could not be collected\n");
    }
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "another program uses it" : cause.message;
      const advice = `choose another with ${option}`;
      reject(new MetricsPortError(`cannot serve metrics on ${host}:${port}: ${why}; ${advice}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
