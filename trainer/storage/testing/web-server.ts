import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A real HTTP server with one object, that can be told how to misbehave. */
export interface WebServer {
  readonly url: string;
  /** What the next requests do, first come first served; then all is well. */
  readonly faults: ((request: IncomingMessage, response: ServerResponse) => void)[];
  /** `method range` of every request. */
  readonly seen: string[];
  readonly stored: Map<string, Buffer>;
  close(): Promise<void>;
}

/** `before` sees every request first, and may answer it itself instead of calling `serve`. */
export async function webServer(
  objects: Record<string, Uint8Array>,
  before?: (request: IncomingMessage, response: ServerResponse, serve: () => void) => void,
): Promise<WebServer> {
  const stored = new Map(Object.entries(objects).map(([k, v]) => [k, Buffer.from(v)]));
  const faults: WebServer["faults"] = [];
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const serve = () => answer(request, response);
    if (before) before(request, response, serve);
    else serve();
  });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${request.method} ${request.headers.range ?? ""}`.trim());
    const fault = faults.shift();
    if (fault !== undefined) return fault(request, response);
    const path = (request.url ?? "").replace(/\?.*/, "");
    if (request.method === "PUT") {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        stored.set(path, Buffer.concat(parts));
        response.end();
      });
      return;
    }
    const body = stored.get(path);
    if (body === undefined) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from >= body.length && from > 0)
      return void response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
    const headers = { "content-length": body.length - from };
    if (from === 0) response.writeHead(200, headers);
    else
      response.writeHead(206, {
        ...headers,
        "content-range": `bytes ${from}-${body.length - 1}/${body.length}`,
      });
    response.end(body.subarray(from));
  };
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    seen,
    stored,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
