/** Brings a node's chain to that of its peers and keeps it there; serves peers that do the same. */
import { silentLog } from "../log/log.ts";
import { startAnnouncements } from "./announcements.ts";
import { BlockSync } from "./block-sync.ts";
import { HeadFetcher, refOf } from "./head-fetcher.ts";
import type { SyncParts } from "./parts.ts";
import { SyncPeers } from "./peers.ts";
import { startProgress } from "./progress.ts";
import { RefusedBlocks } from "./refused-blocks.ts";
import { serveChain } from "./serve.ts";
import type { Sync, SyncComponents, SyncOptions, SyncState } from "./types.ts";

/** @throws nothing that peers can cause; an error in here stops synchronisation and is logged. */
export async function startSync(options: SyncOptions, components: SyncComponents): Promise<Sync> {
  const { chain, network, queue, consensus, finality, metrics } = components;
  const log = components.log ?? silentLog;
  const controller = new AbortController();
  const { signal } = controller;
  const peers = new SyncPeers(network, log);
  const parts: SyncParts = {
    chain,
    network,
    queue,
    consensus,
    finality,
    log,
    peers,
    refused: new RefusedBlocks(),
  };
  const heads = new HeadFetcher(parts, signal);
  const blocks = new BlockSync(parts, heads, signal);
  const starting = chain.best.number;

  const isMajorSyncing = () => blocks.isMajor();
  const state = (): SyncState => ({
    starting,
    current: chain.best.number,
    highest: Math.max(chain.best.number, blocks.target ?? 0),
    stage: blocks.target === undefined ? "idle" : "blocks",
    gap: undefined,
  });

  const tell = () =>
    network.setStatus({ role: options.role, best: refOf(chain.best), finalized: refOf(chain.finalized) });
  chain.events.on("best", tell);
  chain.events.on("finalized", tell);
  tell();
  await serveChain(network, chain, finality?.trail);
  const endAnnouncements = startAnnouncements({ ...parts, heads, isMajorSyncing });
  const endProgress = startProgress(state, { network, log, metrics });
  const running = blocks.run().catch((error) => {
    if (!signal.aborted) log.error("synchronisation has ended", { error });
  });

  return {
    state,
    isMajorSyncing,
    async stop() {
      endProgress();
      endAnnouncements();
      chain.events.off("best", tell);
      chain.events.off("finalized", tell);
      controller.abort(new Error("the node stops"));
      await running;
      peers.close();
    },
  };
}
