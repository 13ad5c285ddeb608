/** A real web server that can be told to misbehave about some of its objects. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type WebServer, webServer } from "../../../trainer/storage/testing/web-server.ts";

/** Answers a request for an object in a way of its own; `serve` answers it as it should be. */
export type Trouble = (
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
  object: () => Buffer,
) => void;

export interface TroubledServer extends WebServer {
  /** Requests of this method for paths that end so are answered so. */
  trouble(method: "GET" | "PUT", end: string, how: Trouble): void;
}

export async function troubledServer(): Promise<TroubledServer> {
  const troubles: { readonly method: string; readonly end: string; readonly how: Trouble }[] = [];
  const server = await webServer({}, (request, response, serve) => {
    const found = troubles.find(({ method, end }) => method === request.method && request.url?.endsWith(end));
    if (found === undefined) return serve();
    found.how(request, response, serve, () => server.stored.get(request.url ?? "") ?? Buffer.alloc(0));
  });
  return { ...server, trouble: (method, end, how) => void troubles.push({ method, end, how }) };
}

/** The first requests are answered so, the others as they should be. */
export function atFirst(times: number, how: Trouble): Trouble {
  let seen = 0;
  return (request, response, serve, object) =>
    seen++ < times ? how(request, response, serve, object) : serve();
}

/** The first requests are answered as they should be, the others so. */
export function later(times: number, how: Trouble): Trouble {
  let seen = 0;
  return (request, response, serve, object) =>
    seen++ < times ? serve() : how(request, response, serve, object);
}

/** Cannot answer now. */
export const failing: Trouble = (_, response) => void response.writeHead(503).end();

/** Does not have it any more. */
export const gone: Trouble = (_, response) => void response.writeHead(404).end();

/** Takes the request, and says nothing. */
export const silent: Trouble = () => undefined;

/** Says how much there is, and hangs up after a part of it. */
export const cut: Trouble = (request, response, _, object) => {
  const body = object();
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const size = body.length;
  if (from === 0) response.writeHead(200, { "content-length": size });
  else
    response.writeHead(206, {
      "content-length": size - from,
      "content-range": `bytes ${from}-${size - 1}/${size}`,
    });
  response.write(body.subarray(from, from + Math.ceil(size / 10)), () => response.destroy());
};

/** Has half of it. */
export const shortened: Trouble = (_, response, __, object) =>
  void response.end(object().subarray(0, object().length / 2));

/** Has something else in its place, as long as it. */
export const changed: Trouble = (_, response, __, object) => {
  const body = Buffer.from(object());
  body[body.length - 9] = body[body.length - 9]! ^ 1;
  response.end(body);
};
