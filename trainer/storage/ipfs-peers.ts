/** By which addresses IPFS nodes find each other: what this node tells of itself, and which of strangers' it calls. */
import type { Libp2p } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { StorageError } from "./error.ts";
import { isInner, refuseInner } from "./public-address.ts";

/** So many addresses a stored object names. */
const maxTold = 4;

/** Where a node listens, the public addresses of which libp2p leaves out until other services have confirmed them. */
export interface Listening {
  addresses(): Multiaddr[];
}

/** A service of libp2p that knows where its node listens. */
export const listening = ({
  transportManager,
}: {
  readonly transportManager: { getAddrs(): Multiaddr[] };
}): Listening => ({ addresses: () => transportManager.getAddrs() });

/**
 * The addresses to tell others: those to announce, else those listened at; of these, inner ones only in a network of
 * one's own, and loopback last.
 */
export function toldAddresses(
  peer: string,
  {
    listened,
    announce = [],
    inner = false,
  }: {
    readonly listened: readonly Multiaddr[];
    readonly announce?: readonly string[] | undefined;
    readonly inner?: boolean | undefined;
  },
): string[] {
  const addresses = announce.length > 0 ? announce.map((text) => multiaddr(text)) : listened;
  const place = (address: Multiaddr) => {
    const host = hostOf(address);
    if (host === undefined || !isInner(host)) return 0;
    return /^(127\.|::1$)/.test(host) ? 2 : 1;
  };
  return addresses
    .filter((address) => inner || announce.length > 0 || place(address) === 0)
    .toSorted((a, b) => place(a) - place(b))
    .map(String)
    .map((text) => (text.includes("/p2p/") ? text : `${text}/p2p/${peer}`))
    .slice(0, maxTold);
}

/** A peer of a stranger's address must be a literal one, so that it cannot come to mean a machine of ours. */
export function refuseInnerPeer(address: Multiaddr): void {
  const host = hostOf(address);
  if (host === undefined)
    throw new StorageError("Forbidden", `${address}: peers of an address are named by ip4 or ip6`);
  refuseInner(host);
}

const hostOf = (address: Multiaddr): string | undefined => {
  const [first] = address.getComponents();
  return first !== undefined && ["ip4", "ip6"].includes(first.name) ? first.value : undefined;
};

/** How long a peer is awaited. */
const dialMs = 10_000;

/**
 * Connects to peers, to each at any of its addresses. Resolves once one is there or none can be had, with what failed;
 * the others come when they come.
 */
export async function connectAny(
  libp2p: Libp2p,
  peers: readonly Multiaddr[],
  signal: AbortSignal | undefined,
): Promise<readonly Error[]> {
  const failed: Error[] = [];
  const dials = [...byPeer(peers).values()].map(async (addresses) => {
    const limit = AbortSignal.timeout(dialMs);
    try {
      await libp2p.dial(addresses, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    } catch (error) {
      failed.push(error as Error);
      throw error;
    }
  });
  // Why nobody can be had is in `failed`.
  await Promise.any(dials).catch(() => undefined);
  return failed;
}

/** libp2p takes several addresses at once where they are of one peer. */
function byPeer(peers: readonly Multiaddr[]): Map<string, Multiaddr[]> {
  const found = new Map<string, Multiaddr[]>();
  for (const address of peers) {
    const id = address.getComponents().find(({ name }) => name === "p2p")?.value ?? String(address);
    found.set(id, [...(found.get(id) ?? []), address]);
  }
  return found;
}
