/** Brings a node's chain to that of its peers and keeps it there; serves peers that do the same. */
import { silentLog } from "../log/log.ts";
import { IncomingState } from "../state/incoming-state.ts";
import { startAnnouncements } from "./announcements.ts";
import { fillGap } from "./backfill.ts";
import { BlockSync } from "./block-sync.ts";
import { ClockWatch } from "./clock-watch.ts";
import { FastSync } from "./fast-sync.ts";
import { HeadFetcher, refOf } from "./head-fetcher.ts";
import type { SyncParts } from "./parts.ts";
import { SyncPeers } from "./peers.ts";
import { startProgress } from "./progress.ts";
import { RefusedBlocks } from "./refused-blocks.ts";
import { serveChain } from "./serve.ts";
import type { Sync, SyncComponents, SyncOptions, SyncState } from "./types.ts";

/** @throws nothing that peers can cause; an error in here stops synchronisation and is logged. */
export async function startSync(options: SyncOptions, components: SyncComponents): Promise<Sync> {
  const { database, chain, network, queue, consensus, finality, metrics } = components;
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
  const trail = finality?.trail;
  if (options.mode === "fast" && !trail) log.warn("nothing proves finality here: all blocks are executed");
  const fast = options.mode === "fast" && trail ? new FastSync(parts, trail, database, signal) : undefined;

  const isMajorSyncing = () => fast?.stage === "proofs" || fast?.stage === "state" || blocks.isMajor();
  const state = (): SyncState => ({
    starting,
    current: chain.best.number,
    highest: Math.max(chain.best.number, blocks.target ?? 0, fast?.target ?? 0),
    stage: fast && fast.stage !== "idle" ? fast.stage : blocks.target === undefined ? "idle" : "blocks",
    entries: fast?.entries,
    gap: chain.gap,
  });

  const tell = () =>
    network.setStatus({ role: options.role, best: refOf(chain.best), finalized: refOf(chain.finalized) });
  chain.events.on("best", tell);
  chain.events.on("finalized", tell);
  tell();
  await serveChain(network, chain, trail);
  const clockWatch = options.slots && new ClockWatch(options.slots, log);
  const endAnnouncements = startAnnouncements({ ...parts, heads, isMajorSyncing, clockWatch });
  const endProgress = startProgress(state, { network, log, metrics });
  const run = async () => {
    await fast?.run();
    // What an earlier start left, which has another way now.
    if (chain.best.number > 0 || !fast) await new IncomingState(database).discard();
    await Promise.all([blocks.run(), fillGap(parts, isMajorSyncing, signal)]);
  };
  const running = run().catch((error) => {
    if (!signal.aborted) log.error("synchronisation has ended", { error });
  });

  return {
    state,
    isMajorSyncing,
    fetch: (peer, head) => void heads.fetch(peer, head),
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
