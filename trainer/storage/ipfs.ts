import { createReadStream } from "node:fs";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { bitswap } from "@helia/block-brokers";
import { unixfs } from "@helia/unixfs";
import { Helia } from "@helia/utils";
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { MemoryDatastore } from "datastore-core";
import { createLibp2p } from "libp2p";
import { blake2b256 } from "../engine/data/blake2b.ts";
import type { Backend } from "./backend.ts";
import { fileProblem, StorageError } from "./error.ts";
import { hashers, ipfsAddress, maxRawBytes, parseIpfs, rawCid } from "./ipfs-address.ts";
import { BoundedBlocks, TwoBlockstores } from "./ipfs-blocks.ts";
import { connectAny, type Listening, listening, refuseInnerPeer, toldAddresses } from "./ipfs-peers.ts";

export interface IpfsOptions {
  /** Folder of the blocks and of the node's key. */
  readonly folder: string;
  /** Multiaddresses to listen at; without any, other nodes cannot fetch from this one. */
  readonly listen?: readonly string[] | undefined;
  /** Multiaddresses to announce instead of those listened at (behind NAT). */
  readonly announce?: readonly string[] | undefined;
  /** Peers to be connected to, besides those that an address names. */
  readonly peers?: readonly string[] | undefined;
  /** Peers inside this network are allowed in addresses, and its own inner addresses are told. */
  readonly inner?: boolean | undefined;
  /** How long to wait for the next block before the object counts as not to be had. */
  readonly blockMs?: number | undefined;
  /** Most bytes of what was stored here, and of what was fetched; the least recently used blocks go first. */
  readonly keepBytes?: number | undefined;
  readonly cacheBytes?: number | undefined;
}

export interface IpfsBackend extends Backend {
  /** Where other nodes reach this one, with its peer id. */
  addresses(): string[];
  close(): Promise<void>;
}

const usualKeepBytes = 100 * 2 ** 30;
const usualCacheBytes = 20 * 2 ** 30;

/**
 * An embedded IPFS node: UnixFS over bitswap, blocks on disk, each checked by its CID. It finds content at the peers
 * that an address names (`ipfs://CID?peer=MULTIADDR`, as `write` gives it) and at the configured ones, and talks over
 * TCP, Noise and Yamux, as Kubo does. What was stored here is served for as long as the node runs.
 */
export async function ipfsBackend(options: IpfsOptions): Promise<IpfsBackend> {
  const { folder, announce, inner, listen = [], peers: configured = [], blockMs = 30_000 } = options;
  await mkdir(folder, { recursive: true });
  const own = await BoundedBlocks.open(join(folder, "blocks"), options.keepBytes ?? usualKeepBytes);
  const fetched = await BoundedBlocks.open(join(folder, "fetched"), options.cacheBytes ?? usualCacheBytes);
  const libp2p = await createLibp2p({
    privateKey: await nodeKey(join(folder, "key")),
    addresses: { listen: [...listen], announce: [...(announce ?? [])] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), listening },
    start: false,
  });
  const node = new Helia({
    libp2p,
    blockstore: new TwoBlockstores(own, fetched),
    datastore: new MemoryDatastore(),
    blockBrokers: [bitswap()],
    routers: [],
    hashers,
  });
  await node.start().catch((error: Error) => {
    const why = /EADDRINUSE/.test(error.message) ? "another program has that port" : error.message;
    throw new StorageError("Interrupted", `IPFS cannot listen at ${listen.join(", ")}: ${why}`);
  });
  const files = unixfs(node);
  // What is stored here does not count as fetched.
  const storing = unixfs({ blockstore: own });
  const told = () =>
    toldAddresses(String(libp2p.peerId), {
      listened: (libp2p.services.listening as Listening).addresses(),
      announce,
      inner,
    });
  const friends = configured.map((text) => multiaddr(text));
  await connectAny(libp2p, friends, undefined);

  /** Peers that the operator named are called again where they were lost; those of a stranger's address are checked. */
  const connect = async (peers: readonly string[], signal: AbortSignal | undefined) => {
    void connectAny(libp2p, friends, signal);
    const failed: Error[] = [];
    const addresses = peers.flatMap((text) => {
      try {
        const address = multiaddr(text);
        if (!inner) refuseInnerPeer(address);
        return [address];
      } catch (error) {
        failed.push(error as Error);
        return [];
      }
    });
    return [...failed, ...(await connectAny(libp2p, addresses, signal))];
  };

  return {
    addresses: told,
    async read(uri, from, signal) {
      const { cid, peers } = parseIpfs(uri);
      const [failed] = await connect(peers, signal);
      signal?.throwIfAborted();
      const hint = failed ? `; peer: ${failed.message}` : "";
      const lost = (error: unknown) => {
        const problem = blockProblem(folder, error);
        if (problem instanceof StorageError) return problem;
        return new StorageError("Interrupted", `${uri}: ${(error as Error).message}${hint}`, {
          cause: error,
        });
      };
      try {
        const found = await files.stat(cid, { signal: limited(signal, blockMs) });
        if (found.type === "directory")
          throw new StorageError("BadAddress", `${uri} is a folder, not a file`);
        const body = files.cat(cid, { offset: from, ...(signal ? { signal } : {}) });
        return { from, size: Number(found.size), body: watched(body, blockMs, lost) };
      } catch (error) {
        signal?.throwIfAborted();
        throw lost(error);
      }
    },
    async write(path, uri, { signal, onProgress } = {}) {
      const [, raw] = /^ipfs:(raw|(?:\/\/)?)$/.exec(uri) ?? [];
      if (raw === undefined)
        throw new StorageError(
          "BadAddress",
          `${uri}: an IPFS address follows from the content; write to "ipfs:", or to "ipfs:raw" for one block`,
        );
      const addresses = told();
      if (addresses.length + friends.length === 0)
        throw new StorageError(
          "BadAddress",
          `${path} would be stored where nobody can fetch it: this IPFS node has no public address to tell; let it listen at one, or announce one`,
        );
      try {
        const cid =
          raw === "raw"
            ? await putRaw(own, path)
            : await storing.addByteStream(counted(path, onProgress), signal ? { signal } : {});
        return ipfsAddress(cid, addresses);
      } catch (error) {
        signal?.throwIfAborted();
        throw blockProblem(folder, fileProblem(path, error));
      }
    },
    async close() {
      await node.stop();
      await Promise.all([own.close(), fetched.close()]);
    },
  };
}

/** Stores a file as one block, whose address follows from its BLAKE2b-256 hash. */
async function putRaw(blocks: BoundedBlocks, path: string) {
  const { size } = await stat(path);
  if (size > maxRawBytes)
    throw new StorageError(
      "TooLarge",
      `${path} has ${size} bytes; one block of IPFS has at most ${maxRawBytes}`,
    );
  const bytes = await readFile(path);
  return blocks.put(rawCid(blake2b256(bytes)), bytes);
}

/** A failure of the disk under the blocks, which the blockstore tells as text alone. */
function blockProblem(folder: string, error: unknown): unknown {
  const code = /\b(ENOSPC|EDQUOT|EFBIG|EACCES|EPERM|EROFS)\b/.exec(String((error as Error).message))?.[1];
  return error instanceof StorageError || code === undefined
    ? error
    : fileProblem(folder, Object.assign(new Error((error as Error).message), { code }));
}

async function nodeKey(path: string) {
  try {
    return privateKeyFromProtobuf(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw new StorageError("BadAddress", `${path} holds no libp2p key: ${(error as Error).message}`);
    const key = await generateKeyPair("Ed25519");
    await writeFile(path, privateKeyToProtobuf(key), { mode: 0o600, flush: true });
    await chmod(path, 0o600);
    return key;
  }
}

/** The same stream, that ends with an error when the next part takes too long. */
async function* watched(
  stream: AsyncIterable<Uint8Array>,
  ms: number,
  lost: (error: unknown) => Error,
): AsyncIterable<Uint8Array> {
  const parts = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no block came for ${ms / 1000} s`)), ms);
      });
      const next = await Promise.race([parts.next(), silence]).finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw lost(error);
  } finally {
    // Not awaited: a generator that waits for a block ends only when its block comes.
    void parts.return?.();
  }
}

async function* counted(path: string, onProgress: ((done: number) => void) | undefined) {
  let done = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1 << 18 })) {
    done += (part as Uint8Array).length;
    yield part as Uint8Array;
    onProgress?.(done);
  }
}

const limited = (signal: AbortSignal | undefined, ms: number): AbortSignal =>
  signal ? AbortSignal.any([signal, AbortSignal.timeout(ms)]) : AbortSignal.timeout(ms);
