import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { identify } from "@libp2p/identify";
import type { ConnectionGater, Ed25519PrivateKey } from "@libp2p/interface";
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from "@libp2p/kad-dht";
import { mdns } from "@libp2p/mdns";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { webSockets } from "@libp2p/websockets";
import { LevelDatastore } from "datastore-level";
import { createLibp2p } from "libp2p";
import { gossipService } from "./gossip-service.ts";
import { lentDatastore } from "./lent-datastore.ts";
import { listening } from "./listening.ts";
import type { NetworkOptions, PeerLimits } from "./options.ts";
import type { PeerId } from "./types.ts";
import type { WireNames } from "./wire-names.ts";

/** Streams of one connection in each direction. */
export const maxStreams = 256;

const day = 24 * 60 * 60_000;

export interface HostComponents {
  readonly privateKey: Ed25519PrivateKey;
  readonly names: WireNames;
  readonly limits: PeerLimits;
  readonly gate: ConnectionGater;
  reputationOf(peer: PeerId): number;
}

/** libp2p as this node uses it, not started yet; `close` closes the peer store after it has stopped. */
export async function createHost(options: NetworkOptions, components: HostComponents) {
  const { privateKey, names, limits, gate, reputationOf } = components;
  const privateAddresses = options.privateAddresses ?? options.mdns ?? false;
  const datastore = options.folder === undefined ? undefined : await openDatastore(options.folder);
  const connections = limits.maxIn + limits.maxOut;
  const libp2p = await createLibp2p({
    start: false,
    privateKey,
    nodeInfo: { name: "matrixai", version: options.agent, userAgent: options.agent },
    addresses: { listen: [...options.listen], appendAnnounce: [...(options.announce ?? [])] },
    ...(datastore && { datastore }),
    // Addresses expire after an hour where nothing else is said, and a node that was off for a night would know nobody.
    peerStore: { maxAddressAge: 14 * day, maxPeerAge: 14 * day },
    transports: [tcp({ maxConnections: 4 * connections + 64 }), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: maxStreams,
        maxOutboundStreams: maxStreams,
        streamOptions: { maxStreamWindowSize: 1 << 20 },
      }),
    ],
    connectionGater: gate,
    connectionManager: {
      // Beyond the peers' limits, which the gate keeps: libp2p would close any connection for a new one.
      maxConnections: 2 * connections + 64,
      // More than one address can keep pending for as long as a handshake may take.
      maxIncomingPendingConnections: 128,
      inboundConnectionThreshold: limits.maxConnectsPerSecond,
      inboundUpgradeTimeout: Math.min(limits.handshakeMs, 5_000),
      inboundStreamProtocolNegotiationTimeout: limits.handshakeMs,
      maxDialQueueLength: 200,
      maxParallelDials: 16,
      reconnectRetries: 0,
    },
    // A node that executes a heavy block may be silent for some seconds.
    connectionMonitor: { pingInterval: 15_000, pingTimeout: { minTimeout: 15_000 } },
    peerDiscovery: options.mdns ? [mdns({ serviceTag: names.mdns, interval: 10_000 })] : [],
    services: {
      identify: identify({ maxMessageSize: 16 * 1024, maxInboundStreams: 4 }),
      ping: ping({ maxInboundStreams: 2 }),
      gossip: gossipService(names, reputationOf),
      listening: listening(),
      ...(options.kademlia && {
        kademlia: (nodeComponents: Parameters<ReturnType<typeof kadDHT>>[0]) =>
          kadDHT({
            protocol: names.protocol("kad/1"),
            peerInfoMapper: privateAddresses ? passthroughMapper : removePrivateAddressesMapper,
            // A node that others cannot reach only asks; which it is shows in its addresses.
            ...(privateAddresses && { clientMode: false }),
            maxInboundStreams: 8,
            // What strangers ask to be stored has no place on the disk: only the addresses of peers are of use here.
          })(lentDatastore(nodeComponents)),
      }),
    },
  });
  return { libp2p, close: async () => datastore?.close() };
}

async function openDatastore(folder: string): Promise<LevelDatastore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const datastore = new LevelDatastore(join(folder, "peers"));
  await datastore.open();
  return datastore;
}
