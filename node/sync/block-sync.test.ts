import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Chain } from "../chain/chain.ts";
import { silentLog } from "../log/log.ts";
import type { Network, PeerId, PeerInfo } from "../network/types.ts";
import { BlockSync } from "./block-sync.ts";
import { HeadFetcher } from "./head-fetcher.ts";
import type { SyncParts } from "./parts.ts";
import { SyncPeers } from "./peers.ts";
import { RefusedBlocks } from "./refused-blocks.ts";

/** More peers than heads are fetched at once, each with a head of its own, and none of them ever answers. */
function silentPeers(count: number): Network {
  const peers = Array.from({ length: count }, (_, i) => ({
    id: `peer${i}` as PeerId,
    best: { hash: new Uint8Array(32).fill(i + 1), number: 5 },
  })) as PeerInfo[];
  return {
    peers: () => peers,
    peer: (id: PeerId) => peers.find((peer) => peer.id === id),
    on: () => () => undefined,
    request: (_peer: PeerId, _protocol: unknown, _body: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    report: () => undefined,
  } as unknown as Network;
}

test("where no room is left for another head, it waits for one that ends, and the process goes on", async () => {
  const network = silentPeers(20);
  const head = { hash: `0x${"00".repeat(32)}`, number: 4 };
  const chain = { best: head, finalized: head, header: () => undefined } as unknown as Chain;
  const parts = {
    chain,
    network,
    peers: new SyncPeers(network),
    refused: new RefusedBlocks(),
    log: silentLog,
  } as unknown as SyncParts;
  const stop = new AbortController();
  const running = new BlockSync(parts, new HeadFetcher(parts, stop.signal), stop.signal).run();
  // A loop of promises alone would never let this timer fire.
  await sleep(50);
  stop.abort();
  await expect(running).resolves.toBeUndefined();
});
