import type { ChainReader, Head } from "../chain/types.ts";
import type { PeerInfo } from "../network/types.ts";
import { askHashAt } from "./ask.ts";
import type { SyncPeers } from "./peers.ts";

export type CommonBlock =
  | { readonly type: "found"; readonly block: Head }
  /** The peer's chain parts from ours before our finalized block. */
  | { readonly type: "beyondFinality" };

/**
 * The highest block that our best chain shares with a peer's: looked for downwards in doubling steps, then between
 * two of them. @throws PeerFailure
 */
export async function findCommonBlock(
  chain: Pick<ChainReader, "best" | "finalized" | "hashAt">,
  peers: SyncPeers,
  { id, best }: PeerInfo,
  signal: AbortSignal,
): Promise<CommonBlock> {
  const floor = chain.finalized.number;
  const isShared = async (number: number) =>
    (await askHashAt(peers, id, number, signal)) === chain.hashAt(number);
  let above = Math.min(chain.best.number, best.number) + 1;
  let number = above - 1;
  for (let step = 1; !(await isShared(number)); step *= 2) {
    if (number === floor) return { type: "beyondFinality" };
    above = number;
    number = Math.max(floor, number - step);
  }
  while (above - number > 1) {
    const middle = (above + number) >> 1;
    if (await isShared(middle)) number = middle;
    else above = middle;
  }
  const hash = chain.hashAt(number);
  // Our own best chain may have moved meanwhile; the finalized block does not.
  return { type: "found", block: hash ? { hash, number } : chain.finalized };
}
