/**
 * The node's part in the network: libp2p with the protocols of one chain. `startNetwork` puts the parts together; each
 * of them knows only what it is given.
 */
import { join } from "node:path";
import type { Connection } from "@libp2p/interface";
import { Announcer } from "./announcer.ts";
import { BanList } from "./ban-list.ts";
import { Connector } from "./connector.ts";
import { NetworkError } from "./errors.ts";
import { connectionGate } from "./gate.ts";
import { Gossip } from "./gossip.ts";
import type { GossipInternals } from "./gossip-internals.ts";
import { watchGossip } from "./gossip-watch.ts";
import { createHost, maxStreams } from "./host.ts";
import { nodeKey } from "./node-key.ts";
import { defaultLimits, type NetworkComponents, type NetworkOptions } from "./options.ts";
import { parseAddress, parsePeerAddress, parsePeerId } from "./peer-address.ts";
import { PeerShelf } from "./peer-shelf.ts";
import { PeerTable } from "./peer-table.ts";
import { Reputation } from "./reputation.ts";
import { Requester } from "./requester.ts";
import { Responder } from "./responder.ts";
import { Sanctions } from "./sanctions.ts";
import { StatusKeeper } from "./status-keeper.ts";
import { createTraffic } from "./traffic.ts";
import type { Network, PeerId } from "./types.ts";
import { wireNames } from "./wire-names.ts";

/**
 * Effects: listens, connects to peers, and keeps key, peers and bans in the folder.
 * @throws NetworkError when an option or a file is wrong, or no address can be listened at.
 */
export async function startNetwork(options: NetworkOptions, components: NetworkComponents): Promise<Network> {
  const log = components.log.child("network");
  const { metrics } = components;
  const limits = { ...defaultLimits, ...options.limits };
  const names = wireNames(options.genesis, options.forkId);
  const bootnodes = (options.bootnodes ?? []).map(parsePeerAddress);
  const reserved = (options.reserved ?? []).map(parsePeerAddress);
  for (const address of [...options.listen, ...(options.announce ?? [])]) parseAddress(address);
  const privateKey = await nodeKey(options.nodeKey, options.folder, log);
  const bans = await BanList.open(options.folder && join(options.folder, "bans.json"), log);
  const reputation = new Reputation(() => performance.now());

  const gate = connectionGate(
    {
      maxIn: limits.maxIn,
      maxPerIp: limits.maxPerIp,
      reservedOnly: options.reservedOnly ?? false,
      privateAddresses: options.privateAddresses ?? options.mdns ?? false,
    },
    {
      isBanned: (peer) => bans.isBanned(peer),
      isReserved: (peer) => connector.isReserved(peer),
      isNamed: (peer) => connector.isNamed(peer),
      countIn: () => count("in"),
      addresses: () => libp2p.getConnections().map(({ remoteAddr }) => remoteAddr),
      refused: (reason) => metrics?.connectionsRefused.inc({ reason }),
    },
  );
  const host = await createHost(options, {
    privateKey,
    names,
    limits,
    gate,
    reputationOf: (peer) => reputation.of(peer),
  });
  const { libp2p } = host;

  const announcer = new Announcer(log);
  const connection = (peer: PeerId): Connection | undefined =>
    libp2p.getConnections(parsePeerId(peer)).find(({ status }) => status === "open");
  const disconnect = async (peer: PeerId): Promise<void> => {
    await libp2p.hangUp(parsePeerId(peer), { signal: AbortSignal.timeout(1_000) }).catch(() => {});
  };

  const peers = new PeerTable((entry) => ({
    ...entry.status,
    id: entry.id,
    address: entry.address,
    direction: entry.direction,
    connectedAt: entry.connectedAt,
    agent: entry.agent,
    reserved: connector.isReserved(entry.id),
    reputation: reputation.of(entry.id),
    latencyMs: connection(entry.id)?.rtt,
  }));
  // Reserved peers take no place that others could have.
  const count = (direction: "in" | "out") => peers.count(direction, (peer) => !connector.isReserved(peer));
  const shelf = new PeerShelf(libp2p.peerStore, libp2p.peerId.toString());
  const connector = new Connector(
    {
      maxOut: limits.maxOut,
      reservedOnly: options.reservedOnly ?? false,
      connectMs: limits.connectMs,
      dialMs: limits.handshakeMs,
      bootnodes,
    },
    { libp2p, shelf, isBanned: (peer) => bans.isBanned(peer), countOut: () => count("out"), log },
  );
  const sanctions = new Sanctions(limits.banMs, {
    reputation,
    bans,
    isReserved: (peer) => connector.isReserved(peer),
    disconnect: (peer) => void disconnect(peer),
    drop: (peer) =>
      void shelf.drop(peer).catch((error) => log.debug("cannot forget a peer", { peer, error })),
    metrics,
    log,
  });
  const report = sanctions.report.bind(sanctions);
  const traffic = createTraffic(metrics);
  const requester = new Requester({ names, connection, report, traffic });
  const router = libp2p.services.gossip as GossipInternals;
  const gossip = new Gossip({
    router,
    names,
    report,
    disconnect: (peer) => void disconnect(peer),
    metrics,
    log,
  });
  const status = new StatusKeeper(
    { genesis: options.genesis, protocol: names.protocol("status/1"), ...limits },
    options.status,
    {
      libp2p,
      peers,
      report,
      disconnect,
      maxInReached: () => count("in") > limits.maxIn,
      isReserved: (peer) => connector.isReserved(peer),
      ready(peer) {
        connector.succeeded(peer.id);
        void shelf.markKnown(peer.id).catch((error) => log.debug("cannot remember a peer", { error }));
        log.debug("connected", { peer: peer.id, address: peer.address, best: peer.best.number });
        announcer.tell("connected", peer);
      },
      changed: (peer) => announcer.tell("status", peer),
      left(peer, wasReady) {
        if (wasReady) announcer.tell("disconnected", peer);
        connector.wake();
      },
      counted: (direction, count) => metrics?.networkPeers.set({ direction }, count),
      log,
    },
  );

  await status.register();
  for (const bootnode of bootnodes) await shelf.add(bootnode);
  libp2p.addEventListener("peer:discovery", () => connector.wake());
  try {
    await libp2p.start();
  } catch (error) {
    await libp2p.stop();
    await host.close();
    throw new NetworkError(cannotListen(options.listen, error as Error));
  }
  libp2p.services.listening.confirm();
  connector.start();
  const stopWatching = watchGossip(router, (peer) => void disconnect(peer));
  for (const peer of reserved) connector.addReserved(peer);
  const listening = () => libp2p.getMultiaddrs().map(String);
  log.info("listening for peers", { peerId: libp2p.peerId.toString(), addresses: listening().join(" ") });

  return {
    peerId: libp2p.peerId.toString(),
    listenAddresses: listening,
    peers: () => peers.ready(),
    peer: (id) => peers.info(id),
    on: (event, listener) => announcer.on(event, listener),
    setStatus: (own) => status.set(own),
    request: (peer, protocol, body, requestOptions) =>
      requester.request(peer, protocol, body, requestOptions),
    requestStream: (peer, protocol, body, requestOptions) =>
      requester.stream(peer, protocol, body, requestOptions),
    async handle(protocol, handler) {
      const responder = new Responder(protocol, handler, {
        whenReady: (peer, signal) => peers.whenReady(peer, signal),
        report,
        traffic,
        log,
      });
      await libp2p.handle(names.protocol(protocol.name), (stream, from) => responder.serve(stream, from), {
        // The muxer has its own bound. libp2p would drop what is more without a word; the responder counts it.
        maxInboundStreams: maxStreams,
      });
    },
    subscribe: (topic, validate) => gossip.subscribe(topic, validate),
    publish: (topic, bytes) => gossip.publish(topic, bytes),
    report,
    async addReserved(address) {
      const peer = parsePeerAddress(address);
      bans.remove(peer.peer.toString());
      connector.addReserved(peer);
    },
    async removeReserved(peer) {
      connector.removeReserved(peer);
      if (options.reservedOnly) await disconnect(peer);
    },
    reserved: () => connector.reserved(),
    async dial(address, signal) {
      const target = parsePeerAddress(address);
      const opened = await libp2p.dial(target.address, signal ? { signal } : {});
      return opened.remotePeer.toString();
    },
    disconnect,
    async stop() {
      stopWatching();
      await connector.stop();
      status.stop();
      await libp2p.stop();
      await bans.close();
      await host.close();
    },
  };
}

/** The library's words for several addresses come with stack traces. */
function cannotListen(addresses: readonly string[], { message }: Error): string {
  const [first = ""] = message.includes("EADDRINUSE")
    ? ["another program uses that port: is another node running?"]
    : message.split("\n");
  return `cannot listen at ${addresses.join(", ")}: ${first} Choose another --port or --listen-addr`;
}
