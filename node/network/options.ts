import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Status } from "./types.ts";

export interface NetworkOptions {
  /** 32 bytes; part of every protocol name. */
  readonly genesis: Uint8Array;
  /** Tells chains apart that share a genesis block; lower-case letters, digits and `-`. */
  readonly forkId?: string;
  /** What peers are told until `setStatus`. */
  readonly status: Status;
  /** The agent that peers are told, such as `matrixai/0.1.0`. */
  readonly agent: string;
  /** Folder of the peer store, the bans and the key; without it all of that ends with the process. */
  readonly folder?: string;
  /** 32 bytes as hex, or the file that holds them; without it, `key` in `folder`, made at the first start. */
  readonly nodeKey?: NodeKey;
  /** Multiaddresses to listen at, TCP or WebSocket; `defaultListen` gives the usual ones. */
  readonly listen: readonly string[];
  /** Multiaddresses to announce besides those listened at: the outer address of a NAT. */
  readonly announce?: readonly string[];
  /** Multiaddresses with peer id of nodes to begin with. */
  readonly bootnodes?: readonly string[];
  /** Multiaddresses with peer id of peers to be connected with at all times, beyond the limits. */
  readonly reserved?: readonly string[];
  /** Connections with reserved peers only. */
  readonly reservedOnly?: boolean;
  /** Finds nodes of the same chain in the local network. */
  readonly mdns?: boolean;
  /** Finds nodes through others, with Kademlia. */
  readonly kademlia?: boolean;
  /** Dials and names addresses of private networks, too; the same as `mdns` unless told. */
  readonly privateAddresses?: boolean;
  readonly limits?: Partial<PeerLimits>;
}

export type NodeKey =
  | { readonly type: "hex"; readonly secret: string }
  | { readonly type: "file"; readonly path: string };

export interface PeerLimits {
  readonly maxIn: number;
  readonly maxOut: number;
  /** Connections from one IP address, loopback excepted. */
  readonly maxPerIp: number;
  /** New connections in a second from one IP address. */
  readonly maxConnectsPerSecond: number;
  /** Until a new connection has told its status. */
  readonly handshakeMs: number;
  /** Least time between two status messages to a peer. */
  readonly statusMs: number;
  /** How long a banned peer stays away. */
  readonly banMs: number;
  /** How often missing peers are looked for. */
  readonly connectMs: number;
}

/** Substrate's numbers of peers; the others keep an honest node on a slow line connected. */
export const defaultLimits: PeerLimits = {
  maxIn: 32,
  maxOut: 8,
  maxPerIp: 8,
  maxConnectsPerSecond: 16,
  handshakeMs: 10_000,
  statusMs: 1_000,
  banMs: 60 * 60_000,
  connectMs: 5_000,
};

export interface NetworkComponents {
  readonly log: Log;
  readonly metrics?: Metrics;
}

/** TCP on `port` and, unless it is left out, WebSocket on `wsPort`, of all interfaces. */
export const defaultListen = (port: number, wsPort?: number): string[] => [
  `/ip4/0.0.0.0/tcp/${port}`,
  `/ip6/::/tcp/${port}`,
  ...(wsPort === undefined ? [] : [`/ip4/0.0.0.0/tcp/${wsPort}/ws`]),
];
