/**
 * Storage of models, data, checkpoints and proofs: one way to fetch and to keep objects under `file:`, `https:`,
 * `s3:` and `ipfs:`, every fetched byte checked against its content hash. Knows nothing of jobs or chains.
 */
import { join } from "node:path";
import type { Backend, WriteOptions } from "./backend.ts";
import { cacheFolder } from "./cache-folder.ts";
import { type Download, download } from "./download.ts";
import { StorageError } from "./error.ts";
import type { FileOptions } from "./file.ts";
import type { IpfsBackend, IpfsOptions } from "./ipfs.ts";
import type { S3Backend, S3Options } from "./s3.ts";
import type { WebOptions } from "./web.ts";

/** What is configured. Without `files` those addresses are refused. */
export interface StoreOptions {
  readonly files?: FileOptions;
  readonly web?: WebOptions;
  readonly s3?: S3Options;
  /** An embedded node, Kubo's RPC API, or a gateway (which only reads); by default a node that does not listen. */
  readonly ipfs?: NodeOptions | { readonly rpc: string } | { readonly gateway: string };
}

/** An embedded node; its folder lies in the user's cache where none is given. */
export type NodeOptions = Omit<IpfsOptions, "folder"> & Partial<Pick<IpfsOptions, "folder">>;

export interface Store {
  /** Fetches an object into a file; see {@link download}. */
  get(job: Download): Promise<void>;
  /** Stores a file at an address (`ipfs:` alone for IPFS) and gives the address to read it at. */
  put(path: string, uri: string, options?: WriteOptions): Promise<string>;
  /** A time-limited https: address for an object under `s3:`. */
  presign(uri: string, access: "read" | "write", seconds: number): Promise<string>;
  /** Where the embedded IPFS node listens; starts it. */
  ipfsAddresses(): Promise<string[]>;
  close(): Promise<void>;
}

/** Backends start when first used: an unused IPFS node opens no port, an unused SDK costs no memory. */
export function openStore(options: StoreOptions = {}): Store {
  const open = new Map<string, Promise<Backend>>();
  const backend = (uri: string): Promise<Backend> => {
    const scheme = /^([a-z0-9]+):/.exec(uri)?.[1] ?? "";
    const kind = scheme === "http" ? "https" : scheme;
    const known = open.get(kind) ?? start(options, kind, uri);
    open.set(kind, known);
    // A node that could not start (a port in use) may start at the next try.
    known.catch(() => open.delete(kind));
    return known;
  };
  return {
    get: async (job) => download(await backend(job.uri), job),
    put: async (path, uri, how) => (await backend(uri)).write(path, uri, how),
    presign: async (uri, access, seconds) => {
      if (!uri.startsWith("s3:"))
        throw new StorageError("BadAddress", `${uri}: only s3: addresses are presigned`);
      return ((await backend(uri)) as S3Backend).presign(uri, access, seconds);
    },
    ipfsAddresses: async () => {
      const node = await backend("ipfs:");
      return "addresses" in node ? (node as IpfsBackend).addresses() : [];
    },
    close: async () => {
      const opened = await Promise.allSettled(open.values());
      open.clear();
      await Promise.all(opened.map((b) => (b.status === "fulfilled" ? b.value.close?.() : undefined)));
    },
  };
}

async function start(options: StoreOptions, kind: string, uri: string): Promise<Backend> {
  const { files, web = {}, s3, ipfs = {} } = options;
  switch (kind) {
    case "file":
      if (files === undefined)
        throw new StorageError("Forbidden", `${uri}: file: addresses are not allowed here`);
      return (await import("./file.ts")).fileBackend(files);
    case "https":
      return (await import("./web.ts")).webBackend(web);
    case "s3":
      return (await import("./s3.ts")).s3Backend(s3);
    case "ipfs":
      if ("rpc" in ipfs) return (await import("./kubo.ts")).kuboBackend(ipfs.rpc);
      if ("gateway" in ipfs)
        return (await import("./kubo.ts")).gatewayBackend(ipfs.gateway, web.inner ?? false);
      return (await import("./ipfs.ts")).ipfsBackend({
        folder: join(cacheFolder(), "ipfs"),
        inner: web.inner ?? false,
        ...ipfs,
      });
    default:
      throw new StorageError("BadAddress", `${uri}: an address begins with file:, https:, s3: or ipfs:`);
  }
}
