import { bytesToHash } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { PeerId } from "../network/types.ts";
import { askHeadersBelow } from "./ask.ts";
import type { LinkedHeader } from "./line.ts";
import type { SyncParts } from "./parts.ts";
import { maxHeaders } from "./protocols.ts";

/**
 * The headers that lead from a block of ours to a peer's head, oldest first; undefined when that is too far for one
 * answer. @throws PeerFailure
 */
export async function askBranch(
  { chain, peers }: Pick<SyncParts, "chain" | "peers">,
  peer: PeerId,
  head: Head,
  signal: AbortSignal,
): Promise<LinkedHeader[] | undefined> {
  // A few more than the difference, for blocks of ours that are not on its branch.
  const max = Math.min(maxHeaders, Math.max(16, head.number - chain.best.number + 16));
  const down = await askHeadersBelow(peers, peer, head.hash, max, signal);
  const known = down.findIndex(({ hash }) => chain.header(hash) !== undefined);
  if (known >= 0) return down.slice(0, known).reverse();
  const last = down.at(-1)!;
  return chain.header(bytesToHash(last.header.parentHash)) ? down.reverse() : undefined;
}
