import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Backend } from "./backend.ts";
import { fileProblem, StorageError } from "./error.ts";
import { publicLookup, refuseInner } from "./public-address.ts";

export interface WebOptions {
  /** Hosts inside this network, and `http:` to this machine, are allowed. */
  readonly inner?: boolean;
  /** `http:` to any host is allowed; contents are checked by hash all the same. */
  readonly plain?: boolean;
  /** A server that is silent for so long counts as gone. */
  readonly idleMs?: number;
}

const maxRedirects = 5;

/** `https:` addresses (and `http:` where allowed), read with range requests and written with PUT (presigned URLs). */
export function webBackend(options: WebOptions = {}): Backend {
  return {
    async read(uri, from, signal) {
      const headers = { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
      let url = checked(options, uri);
      for (let hop = 0; ; hop++) {
        const response = await answer(options, url, { method: "GET", headers }, signal);
        const place = response.headers.location;
        if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || place === undefined)
          return readingOf(uri, response, from);
        response.resume();
        if (hop === maxRedirects)
          throw new StorageError("BadAddress", `${shown(uri)} redirects more than ${hop} times`);
        const next = checked(options, new URL(place, url).href);
        if (url.protocol === "https:" && next.protocol === "http:")
          throw new StorageError("Forbidden", `${shown(uri)} redirects from https: to http:`);
        url = next;
      }
    },
    async write(path, uri, { signal, onProgress } = {}) {
      const url = checked(options, uri);
      try {
        const { size } = await stat(path);
        const response = await answer(
          options,
          url,
          { method: "PUT", headers: { "content-length": size } },
          signal,
          {
            path,
            onProgress,
          },
        );
        response.resume();
        refuse(uri, response);
      } catch (error) {
        throw fileProblem(path, error);
      }
      url.search = ""; // the signature in a presigned address is a secret
      return url.href;
    },
  };
}

function checked(options: WebOptions, uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new StorageError("BadAddress", `${shown(uri)} is no https: address`);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !options.plain && !(options.inner && local))
    throw new StorageError("Forbidden", `${shown(uri)} is not encrypted: use https:`);
  if (!options.inner) refuseInner(url.hostname);
  return url;
}

interface Body {
  readonly path: string;
  readonly onProgress: ((done: number) => void) | undefined;
}

function answer(
  options: WebOptions,
  url: URL,
  init: RequestOptions,
  signal: AbortSignal | undefined,
  body?: Body,
): Promise<IncomingMessage> {
  const broken = (error: Error) => {
    const detail = error instanceof StorageError ? error : (error.cause ?? error);
    return signal?.aborted
      ? signal.reason
      : detail instanceof StorageError
        ? detail
        : new StorageError("Interrupted", `${shown(url.href)}: ${error.message}`, { cause: error });
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const outgoing = send(url, {
      ...init,
      ...(options.inner ? {} : { lookup: publicLookup }),
      ...(signal ? { signal } : {}),
    });
    outgoing.setTimeout(options.idleMs ?? 30_000, () => outgoing.destroy(new Error("the server is silent")));
    outgoing.on("error", (error) => reject(broken(error)));
    outgoing.on("response", resolve);
    if (body === undefined) outgoing.end();
    else {
      let done = 0;
      const count = new Transform({
        transform(part: Uint8Array, _encoding, next) {
          done += part.length;
          body.onProgress?.(done);
          next(null, part);
        },
      });
      pipeline(createReadStream(body.path), count, outgoing).catch((error) => reject(broken(error)));
    }
  });
}

function readingOf(uri: string, response: IncomingMessage, from: number) {
  const length = response.headers["content-length"];
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "");
  if (response.statusCode === 416) {
    // All of it is here already, or the object is shorter than the part: then it begins anew, with nothing.
    response.resume();
    const size = Number(range?.[2]);
    if (size === from) return { from, size, body: empty() };
    throw new StorageError("HashMismatch", `${shown(uri)} is shorter than what came of it before`);
  }
  refuse(uri, response);
  if ((response.headers["content-encoding"] ?? "identity") !== "identity") {
    response.destroy();
    throw new StorageError("BadAddress", `${shown(uri)} comes compressed, though it was asked for as it is`);
  }
  const body = unbroken(uri, response);
  const close = () => void response.destroy();
  if (response.statusCode === 206) {
    if (Number(range?.[1]) !== from) {
      response.destroy();
      throw new StorageError("BadAddress", `${shown(uri)} gives another range than was asked for`);
    }
    return { from, ...(range?.[2] === "*" ? {} : { size: Number(range?.[2]) }), body, close };
  }
  return { from: 0, ...(length === undefined ? {} : { size: Number(length) }), body, close };
}

function refuse(uri: string, response: IncomingMessage): void {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return;
  response.resume();
  const said = `${shown(uri)} answers ${status} ${response.statusMessage ?? ""}`.trimEnd();
  if (status === 404 || status === 410) throw new StorageError("NotFound", said);
  if (status === 401 || status === 403) throw new StorageError("Forbidden", said);
  if (status === 413 || status === 507) throw new StorageError("TooLarge", said);
  if (status === 408 || status === 429 || status >= 500) throw new StorageError("Interrupted", said);
  throw new StorageError("BadAddress", said);
}

async function* unbroken(uri: string, response: IncomingMessage): AsyncIterable<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    throw new StorageError("Interrupted", `${shown(uri)}: ${(error as Error).message}`, { cause: error });
  }
}

async function* empty(): AsyncIterable<Uint8Array> {}

/** The address without its query, which may hold a signature. */
const shown = (uri: string): string => uri.replace(/\?.*$/s, "");
