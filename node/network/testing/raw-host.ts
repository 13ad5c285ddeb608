import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { identify } from "@libp2p/identify";
import type { Stream } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { FrameReader } from "../frame-reader.ts";
import { writeFrame } from "../frame-writer.ts";
import { encodeStatus } from "../status-codec.ts";
import type { Network } from "../types.ts";
import { wireNames } from "../wire-names.ts";
import { genesis, statusAt } from "./hosts.ts";

const limits = { maxBytes: 1 << 24, idleMs: 20_000, signal: new AbortController().signal };

/** A peer without manners: libp2p alone, which says what a test wants it to say. */
export class RawHost {
  readonly libp2p: Awaited<ReturnType<typeof startRaw>>;
  readonly names = wireNames(genesis);

  private constructor(libp2p: Awaited<ReturnType<typeof startRaw>>) {
    this.libp2p = libp2p;
  }

  static async start(): Promise<RawHost> {
    return new RawHost(await startRaw());
  }

  get peerId(): string {
    return this.libp2p.peerId.toString();
  }

  /** Answers status messages like an honest peer. */
  async tellStatus(bytes: Uint8Array = encodeStatus(statusAt(1), genesis)): Promise<void> {
    await this.libp2p.handle(this.names.protocol("status/1"), async (stream) => {
      await new FrameReader(stream).read(limits);
      await writeFrame(stream, [bytes], limits);
      await stream.close();
    });
  }

  async dial(network: Network): Promise<void> {
    await this.libp2p.dial(multiaddr(network.listenAddresses()[0]!));
  }

  /** A stream of a protocol of the chain. */
  open(network: Network, protocol: string): Promise<Stream> {
    return this.openWire(network, this.names.protocol(protocol));
  }

  openWire(network: Network, protocol: string): Promise<Stream> {
    return this.libp2p.dialProtocol(multiaddr(network.listenAddresses()[0]!), protocol, {
      maxOutboundStreams: 1_000,
    });
  }

  /** The next frame of a stream; undefined at its end. */
  static async read(stream: Stream): Promise<Uint8Array | undefined> {
    const reader = new FrameReader(stream);
    try {
      return await reader.read(limits);
    } finally {
      reader.release();
    }
  }

  async stop(): Promise<void> {
    await this.libp2p.stop();
  }
}

/** Done when the connection or stream is closed, from whichever side. */
export const closed = (stream: Stream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.status !== "open") resolve();
    else stream.addEventListener("close", () => resolve(), { once: true });
  });

/** `length` as the prefix of a frame. */
export function prefix(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

const startRaw = () =>
  createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
