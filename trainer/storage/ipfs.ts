import { createReadStream } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { bitswap } from "@helia/block-brokers";
import { unixfs } from "@helia/unixfs";
import { Helia } from "@helia/utils";
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { FsBlockstore } from "blockstore-fs";
import { MemoryDatastore } from "datastore-core";
import { createLibp2p } from "libp2p";
import type { Backend } from "./backend.ts";
import { StorageError } from "./error.ts";
import { parseIpfs } from "./ipfs-address.ts";
import { refuseInner } from "./public-address.ts";

export interface IpfsOptions {
  /** Folder of the blocks and of the node's key. */
  readonly folder: string;
  /** Multiaddresses to listen at; without any, other nodes cannot fetch from this one. */
  readonly listen?: readonly string[];
  /** Multiaddresses to announce instead of those listened at (behind NAT). */
  readonly announce?: readonly string[];
  /** Peers to be connected to, besides those that an address names. */
  readonly peers?: readonly string[];
  /** Peers inside this network are allowed in addresses. */
  readonly inner?: boolean;
  /** How long to wait for the next block before the object counts as not to be had. */
  readonly blockMs?: number;
}

export interface IpfsBackend extends Backend {
  /** Where other nodes reach this one, with its peer id. */
  addresses(): string[];
  close(): Promise<void>;
}

/**
 * An embedded IPFS node: UnixFS over bitswap, blocks on disk, each checked by its CID. It finds content at the peers
 * that an address names (`ipfs://CID?peer=MULTIADDR`, as `write` gives it) and at the configured ones, and talks over
 * TCP, Noise and Yamux, as Kubo does. What was stored here is served for as long as the node runs.
 */
export async function ipfsBackend(options: IpfsOptions): Promise<IpfsBackend> {
  await mkdir(options.folder, { recursive: true });
  const libp2p = await createLibp2p({
    privateKey: await nodeKey(join(options.folder, "key")),
    addresses: { listen: [...(options.listen ?? [])], announce: [...(options.announce ?? [])] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
    start: false,
  });
  const blockstore = new FsBlockstore(join(options.folder, "blocks"));
  await blockstore.open();
  const node = new Helia({
    libp2p,
    blockstore,
    datastore: new MemoryDatastore(),
    blockBrokers: [bitswap()],
    routers: [],
  });
  await node.start();
  const files = unixfs(node);
  const connect = async (peers: readonly string[], signal: AbortSignal | undefined, checked: boolean) => {
    const dials = peers.map(async (peer) => {
      const address = multiaddr(peer);
      if (checked && !options.inner) refuseInnerPeer(address);
      await libp2p.dial(address, { signal: limited(signal, 10_000) });
    });
    return Promise.allSettled(dials);
  };
  await connect(options.peers ?? [], undefined, false);

  return {
    addresses: () => libp2p.getMultiaddrs().map(String),
    async read(uri, from, signal) {
      const { cid, peers } = parseIpfs(uri);
      const dials = await connect(peers, signal, true);
      signal?.throwIfAborted();
      const failed = dials.find((d) => d.status === "rejected");
      const hint = failed ? `; peer: ${(failed.reason as Error).message}` : "";
      const blockMs = options.blockMs ?? 30_000;
      const lost = (error: unknown) =>
        new StorageError("Interrupted", `${uri}: ${(error as Error).message}${hint}`, { cause: error });
      try {
        const found = await files.stat(cid, { signal: limited(signal, blockMs) });
        if (found.type === "directory")
          throw new StorageError("BadAddress", `${uri} is a folder, not a file`);
        const body = files.cat(cid, { offset: from, ...(signal ? { signal } : {}) });
        return { from, size: Number(found.size), body: watched(body, blockMs, lost) };
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof StorageError ? error : lost(error);
      }
    },
    async write(path, uri, { signal, onProgress } = {}) {
      if (!/^ipfs:(\/\/)?$/.test(uri))
        throw new StorageError(
          "BadAddress",
          `${uri}: an IPFS address follows from the content; write to "ipfs:"`,
        );
      const cid = await files.addByteStream(counted(path, onProgress), signal ? { signal } : {});
      const peers = libp2p.getMultiaddrs().map((a) => `peer=${encodeURIComponent(String(a))}`);
      return `ipfs://${cid}${peers.length === 0 ? "" : `?${peers.slice(0, 4).join("&")}`}`;
    },
    async close() {
      await node.stop();
      await blockstore.close();
    },
  };
}

/** An address of a stranger must be a literal one, so that it cannot come to mean a machine of ours. */
function refuseInnerPeer(address: Multiaddr): void {
  const [place] = address.getComponents();
  if (place?.value === undefined || !["ip4", "ip6"].includes(place.name))
    throw new StorageError("Forbidden", `${address}: peers of an address are named by ip4 or ip6`);
  refuseInner(place.value);
}

async function nodeKey(path: string) {
  try {
    return privateKeyFromProtobuf(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw new StorageError("BadAddress", `${path} holds no libp2p key: ${(error as Error).message}`);
    const key = await generateKeyPair("Ed25519");
    await writeFile(path, privateKeyToProtobuf(key), { mode: 0o600 });
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
