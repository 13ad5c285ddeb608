/** JSON-RPC over POST, and the two pages that monitors ask for. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Dispatcher, failure } from "./dispatch.ts";
import { rateLimited, requestTooBig } from "./error.ts";
import { readBytes } from "./message.ts";
import type { Client } from "./method.ts";
import { RateLimit } from "./rate.ts";

/** What `system_health` says too. */
export interface Health {
  readonly peers: number;
  readonly isSyncing: boolean;
  readonly shouldHavePeers: boolean;
}

export interface HttpOptions {
  readonly dispatcher: Dispatcher;
  readonly allowsUnsafe: boolean;
  readonly maxRequestBytes: number;
  readonly callsPerMinute: number | undefined;
  health(): Health;
}

/** Serves a request that is no WebSocket upgrade. The caller has checked where it comes from. */
export async function serveHttp(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const { origin } = request.headers;
  // The origin was found to be allowed, so it is named; a list of all would tell more than it should.
  if (origin !== undefined) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("vary", "origin");
  }
  const path = request.url?.split("?", 1)[0];
  if (request.method === "GET" && path === "/health") return sendJson(response, 200, options.health());
  if (request.method === "GET" && (path === "/readyz" || path === "/health/readiness"))
    return sendReadiness(response, options.health());
  if (request.method === "OPTIONS") return sendPreflight(response);
  if (request.method !== "POST") {
    response.setHeader("allow", "POST, OPTIONS");
    return sendText(response, 405, "Used HTTP Method is not allowed. POST is required\n");
  }
  // A page may send text/plain to another origin without asking; it may not send JSON.
  if (!/^application\/json(-rpc)?\s*(;|$)/i.test(request.headers["content-type"] ?? ""))
    return sendText(
      response,
      415,
      "Supplied content type is not allowed. Content-Type: application/json is required\n",
    );
  const body = await readBody(request, options.maxRequestBytes);
  if (body === undefined) {
    // The rest of the body is not read, so the connection cannot be used again.
    response.setHeader("connection", "close");
    return sendText(
      response,
      413,
      failure("null", requestTooBig(options.maxRequestBytes)),
      "application/json",
    );
  }
  await answer(request.socket, body, response, options);
}

async function answer(
  socket: Socket,
  body: Uint8Array,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const closers: (() => void)[] = [];
  const client: Client = { allowsUnsafe: options.allowsUnsafe, onClose: (close) => closers.push(close) };
  const spend = () => {
    if (rateOf(socket, options)?.take(performance.now()) === false) throw rateLimited();
  };
  const { text } = await options.dispatcher.answer(readBytes(body), {
    client,
    subscriptions: undefined,
    spend,
  });
  for (const close of closers) close();
  // Nothing to say to notifications only, but HTTP wants an answer.
  sendText(response, 200, text ?? "", "application/json");
}

const rates = new WeakMap<Socket, RateLimit>();

function rateOf(socket: Socket, { callsPerMinute }: HttpOptions): RateLimit | undefined {
  if (callsPerMinute === undefined) return undefined;
  const rate = rates.get(socket) ?? new RateLimit(callsPerMinute, performance.now());
  rates.set(socket, rate);
  return rate;
}

/** The whole body, or undefined as soon as it is longer than allowed. */
async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection has to live long enough to say that the body is too long.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Ready means: synced, and with peers where peers are expected. */
function sendReadiness(response: ServerResponse, health: Health): void {
  const ready = !health.isSyncing && (health.peers > 0 || !health.shouldHavePeers);
  sendJson(response, ready ? 200 : 503, health);
}

function sendPreflight(response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", "POST");
  response.setHeader("access-control-allow-headers", "content-type");
  response.setHeader("access-control-max-age", "600");
  response.writeHead(204).end();
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value), "application/json");
}

export function sendText(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(text);
}
