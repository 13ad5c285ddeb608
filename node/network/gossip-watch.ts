import type { GossipInternals } from "./gossip-internals.ts";
import type { PeerId } from "./types.ts";

const intervalMs = 10_000;

/**
 * Lets go of peers to which no gossip flows: one that read too slowly lost its stream, and gossipsub opens another only
 * for a new connection. Returns the function that ends it.
 */
export function watchGossip(
  router: GossipInternals,
  disconnect: (peer: PeerId) => void,
  everyMs: number = intervalMs,
): () => void {
  // A new peer has until the next look.
  let deaf = new Set<PeerId>();
  const timer = setInterval(() => {
    const now = router
      .getPeers()
      .map(String)
      .filter((peer) => !router.streamsOutbound.has(peer));
    for (const peer of now) if (deaf.has(peer)) disconnect(peer);
    deaf = new Set(now);
  }, everyMs);
  return () => clearInterval(timer);
}
