import { openAsBlob } from "node:fs";
import { z } from "zod";
import type { Backend, Reading } from "./backend.ts";
import { fileProblem, StorageError } from "./error.ts";
import { parseIpfs } from "./ipfs-address.ts";
import { webBackend } from "./web.ts";

/** An IPFS node of the operator, by Kubo's RPC API (`http://127.0.0.1:5001`). */
export function kuboBackend(rpc: string): Backend {
  const call = async (
    uri: string,
    path: string,
    init: RequestInit,
    signal?: AbortSignal,
  ): Promise<Response> => {
    try {
      // Kubo takes POST alone, so that no web page can talk to it.
      const url = new URL(`/api/v0/${path}`, rpc);
      const answer = await fetch(url, { ...init, method: "POST", ...(signal ? { signal } : {}) });
      if (answer.ok) return answer;
      const said = (await answer.text()).slice(0, 300);
      throw new StorageError(
        answer.status === 403 ? "Forbidden" : "Interrupted",
        `${uri}: ${rpc} says ${said}`,
      );
    } catch (error) {
      if (signal?.aborted || error instanceof StorageError) throw signal?.aborted ? signal.reason : error;
      throw new StorageError("Interrupted", `${uri}: ${rpc} does not answer: ${(error as Error).message}`);
    }
  };
  return {
    async read(uri, from, signal): Promise<Reading> {
      const { cid } = parseIpfs(uri);
      const stat = await call(uri, `files/stat?arg=/ipfs/${cid}`, {}, signal);
      const { Size: size, Type: type } = statSchema.parse(await stat.json());
      if (type !== "file") throw new StorageError("BadAddress", `${uri} is a ${type}, not a file`);
      const answer = await call(uri, `cat?arg=${cid}&offset=${from}`, {}, signal);
      return { from, size, body: answer.body as AsyncIterable<Uint8Array> };
    },
    async write(path, uri, { signal, onProgress } = {}) {
      try {
        const form = new FormData();
        const file = await openAsBlob(path);
        form.set("file", file);
        const answer = await call(uri, "add?cid-version=1&raw-leaves=true&pin=true", { body: form }, signal);
        onProgress?.(file.size);
        return `ipfs://${addSchema.parse(await answer.json()).Hash}`;
      } catch (error) {
        throw fileProblem(path, error);
      }
    },
  };
}

/** IPFS by a gateway (`https://ipfs.io`), for reading; contents are checked by hash like everything else. */
export function gatewayBackend(gateway: string, inner: boolean): Backend {
  const web = webBackend({ inner, plain: inner });
  return {
    read: (uri, from, signal) => web.read(new URL(`/ipfs/${parseIpfs(uri).cid}`, gateway).href, from, signal),
    async write(_path, uri) {
      throw new StorageError(
        "BadAddress",
        `${uri}: a gateway only reads; configure a node or Kubo's RPC to write`,
      );
    },
  };
}

const statSchema = z.object({ Size: z.int().min(0), Type: z.string() });
const addSchema = z.object({ Hash: z.string().min(10).max(128) });
