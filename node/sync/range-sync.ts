import type { Head } from "../chain/types.ts";
import type { PeerInfo } from "../network/types.ts";
import { askHeadersAbove } from "./ask.ts";
import { BlockPipeline } from "./block-pipeline.ts";
import { findCommonBlock } from "./common-block.ts";
import type { LinkedHeader } from "./line.ts";
import { importProofs, judgeEnd, refuseFork, type SyncParts } from "./parts.ts";

/**
 * Brings our chain up to a peer's: headers from it, from the last block that both have, bodies from whoever has
 * them. It ends when the peer has no more, or with the first thing that is wrong; what was imported stays, so that the
 * next one goes on from there. @throws PeerFailure
 */
export async function syncTo(parts: SyncParts, peer: PeerInfo, signal: AbortSignal): Promise<void> {
  const { chain, peers, queue, refused, log } = parts;
  const common = await findCommonBlock(chain, peers, peer, signal);
  if (common.type === "beyondFinality") {
    refuseFork(parts, peer.id);
    return;
  }
  log.debug("catching up with a peer", { peer: peer.id, from: common.block.number, to: peer.best.number });
  const onImported = (block: LinkedHeader) => importProofs(parts, block, peer.id);
  const pipeline = new BlockPipeline({ peers, queue, holder: peer.id, origin: "sync", onImported }, signal);
  const feed = async (): Promise<void> => {
    let last: Head = common.block;
    while (!pipeline.isOver) {
      const headers = await askHeadersAbove(peers, peer.id, last, signal);
      const end = headers.at(-1);
      if (!end) return;
      const bad = headers.find(({ hash }) => refused.has(hash));
      if (bad) {
        refused.add(end.hash, "it stands on a block that was refused");
        throw peers.blame(peer.id, "Invalid", `it offers block ${bad.header.number}, which was refused`);
      }
      last = { hash: end.hash, number: end.header.number };
      await pipeline.add(headers.filter(({ hash }) => !chain.header(hash)));
    }
  };
  // Where the headers end, by a fault or not, what is here is imported.
  const fed = feed().then(
    () => undefined,
    (error: unknown) => error,
  );
  // A failure of the pipeline is that of its end, which is judged below.
  void fed.then(() => pipeline.complete().catch(() => undefined));
  const end = await pipeline.end;
  judgeEnd(parts, end, peer.id);
  const fault = await fed;
  if (fault !== undefined) throw fault;
}
