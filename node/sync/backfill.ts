import type { Block } from "../chain/types.ts";
import type { PeerInfo } from "../network/types.ts";
import { askBodies, askHeadersBelow } from "./ask.ts";
import type { LinkedHeader } from "./line.ts";
import type { SyncParts } from "./parts.ts";
import { PeerFailure } from "./peers.ts";
import { maxBodies, maxHeaders } from "./protocols.ts";

/** Between two answers, so that new blocks and the clients of this node come first. */
const restMs = 20;
const retryMs = 1000;

/**
 * Fills in the blocks before the one that a fast synchronisation began with, from the top down. They are not executed:
 * each is vouched for by the hash in the one above. Resolves when the gap is closed, or `signal` says so.
 */
export async function fillGap(parts: SyncParts, isBusy: () => boolean, signal: AbortSignal): Promise<void> {
  const { chain, peers, log } = parts;
  if (!chain.gap) return;
  const none = new Set<string>();
  for (let gap = chain.gap; gap && !signal.aborted; gap = chain.gap) {
    const peer = isBusy() ? undefined : peers.pick(gap.to, { not: none }, 4);
    try {
      if (peer) await fillFrom(parts, peer, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PeerFailure)) throw error;
      // It may have a gap itself.
      if (error.isUnavailable) peers.pause(error.peer);
      log.debug("a peer does not fill the gap", { peer: error.peer, reason: error.message });
    }
    await new Promise((resolve) => setTimeout(resolve, peer ? restMs : retryMs));
  }
  if (!signal.aborted) log.info("all blocks are here");
}

/** One answer of headers, with the bodies to them. */
async function fillFrom({ chain, peers }: SyncParts, peer: PeerInfo, signal: AbortSignal): Promise<void> {
  const { gap } = chain;
  if (!gap) return;
  const max = Math.min(maxHeaders, gap.to - gap.from + 1);
  let wanted: readonly LinkedHeader[] = await askHeadersBelow(peers, peer.id, gap.head.hash, max, signal);
  while (wanted.length > 0) {
    const bodies = await askBodies(peers, peer.id, wanted.slice(0, maxBodies), signal);
    const blocks = bodies.map((extrinsics, i): Block => ({ header: wanted[i]!.header, extrinsics }));
    await chain.fillGap(blocks);
    wanted = wanted.slice(bodies.length);
  }
}
