import type { ConnectionGater, PeerId as Libp2pPeerId, MultiaddrConnection } from "@libp2p/interface";
import { isLoopback, isPrivate } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { PeerId } from "./types.ts";

/** Why a connection is not made; a label of metrics. */
export type RefusedConnection = "banned" | "full" | "address" | "notReserved";

export interface GateRules {
  readonly maxIn: number;
  readonly maxPerIp: number;
  readonly reservedOnly: boolean;
  /** Addresses of private networks may be dialled because others named them. */
  readonly privateAddresses: boolean;
}

export interface GateComponents {
  isBanned(peer: PeerId): boolean;
  isReserved(peer: PeerId): boolean;
  /** Peers that an operator named: reserved ones and bootnodes. */
  isNamed(peer: PeerId): boolean;
  /** Connections that peers opened. */
  countIn(): number;
  /** Addresses of the open connections. */
  addresses(): Iterable<Multiaddr>;
  refused(reason: RefusedConnection): void;
}

/** Decides on connections: what is known before the handshake of libp2p first, who it is afterwards. */
export function connectionGate(rules: GateRules, components: GateComponents): ConnectionGater {
  const refuse = (reason: RefusedConnection): true => {
    components.refused(reason);
    return true;
  };
  const denyPeer = (id: Libp2pPeerId): boolean => {
    const peer = id.toString();
    if (components.isReserved(peer)) return false;
    if (rules.reservedOnly) return refuse("notReserved");
    return components.isBanned(peer) && refuse("banned");
  };
  return {
    denyDialPeer: denyPeer,
    denyInboundConnection: (connection: MultiaddrConnection) =>
      tooManyFrom(connection.remoteAddr, components.addresses(), rules.maxPerIp) && refuse("address"),
    denyInboundEncryptedConnection: (id) =>
      denyPeer(id) ||
      (!components.isReserved(id.toString()) && components.countIn() >= rules.maxIn && refuse("full")),
    denyOutboundEncryptedConnection: denyPeer,
    filterMultiaddrForPeer: (id, address) =>
      rules.privateAddresses || components.isNamed(id.toString()) || !isPrivate(address),
    denyDialMultiaddr: () => false,
  };
}

/** Whether one host has its share of connections. The own host is not counted: a proxy may stand there. */
export function tooManyFrom(address: Multiaddr, open: Iterable<Multiaddr>, maxPerIp: number): boolean {
  const host = hostOf(address);
  if (host === undefined || isLoopback(address)) return false;
  let count = 0;
  for (const other of open) if (hostOf(other) === host) count++;
  return count >= maxPerIp;
}

const hostOf = (address: Multiaddr): string | undefined =>
  address.getComponents().find(({ name }) => name === "ip4" || name === "ip6")?.value;
