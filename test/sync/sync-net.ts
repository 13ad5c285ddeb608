import { hashToBytes } from "../../node/chain/hash.ts";
import { ImportQueue } from "../../node/chain/import-queue.ts";
import { pohConsensus } from "../../node/consensus/poh-consensus.ts";
import { type Log, silentLog } from "../../node/log/log.ts";
import type { NetworkOptions } from "../../node/network/options.ts";
import { connect, Hosts } from "../../node/network/testing/hosts.ts";
import type { Network } from "../../node/network/types.ts";
import { bob, type TestNode, testNodes, usualGenesis } from "../../node/service/testing/test-node.ts";
import { startSync } from "../../node/sync/sync.ts";
import type { Sync, SyncMode } from "../../node/sync/types.ts";

export interface NodeSetup {
  readonly mode?: SyncMode;
  readonly log?: Log;
  readonly network?: Partial<NetworkOptions>;
}

export interface SyncNode extends TestNode {
  readonly network: Network;
  readonly sync: Sync;
  /** Ends everything, and leaves the database where it is. */
  stop(): Promise<void>;
}

/** Whole nodes without RPC in one process, on real sockets and real databases; `close` ends them all. */
export function syncNet(genesis = usualGenesis) {
  const cores = testNodes(genesis);
  const hosts = new Hosts();
  const running = new Set<SyncNode>();
  const network = (core: TestNode, options: Partial<NetworkOptions> = {}) =>
    hosts.start({
      genesis: hashToBytes(core.chain.genesisHash),
      status: {
        role: "full",
        best: { hash: hashToBytes(core.chain.best.hash), number: core.chain.best.number },
        finalized: { hash: hashToBytes(core.chain.finalized.hash), number: core.chain.finalized.number },
      },
      ...options,
    });
  return {
    hosts,
    network,
    /** A core without a network, such as one that makes blocks beforehand. */
    core: (name: string) => cores.node(name, "instant"),
    async node(name: string, setup: NodeSetup = {}): Promise<SyncNode> {
      const core = await cores.node(name, "instant");
      const host = await network(core, setup.network);
      const queue = new ImportQueue(core.chain);
      const sync = await startSync(
        { mode: setup.mode ?? "full", role: "full" },
        {
          chain: core.chain,
          queue,
          network: host,
          consensus: pohConsensus({ slotMs: core.slotMs, clock: undefined }),
          log: setup.log ?? silentLog,
        },
      );
      const node: SyncNode = {
        ...core,
        network: host,
        sync,
        async stop() {
          running.delete(node);
          await sync.stop();
          await host.stop();
          queue.close();
          await core.close();
        },
      };
      running.add(node);
      return node;
    },
    connect: (from: { network: Network }, to: { network: Network }) => connect(from.network, to.network),
    async close(): Promise<void> {
      for (const node of running) await node.stop();
      await hosts.stop();
      await cores.close();
    },
  };
}

/** Done when a condition holds that the best block of a node decides. */
export function reached(node: TestNode, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      node.chain.events.off("best", check);
      node.chain.events.off("finalized", check);
      resolve();
    };
    node.chain.events.on("best", check);
    node.chain.events.on("finalized", check);
    check();
  });
}

/** Makes blocks, each with a transfer or without. */
export async function grow(node: TestNode, count: number, transfers = false): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (transfers) {
      const nonce = nextNonce.get(node) ?? 0;
      nextNonce.set(node, nonce + 1);
      await node.submit(node.pay(bob, nonce, 10n ** 9n));
    }
    await node.seal();
  }
}

const nextNonce = new WeakMap<TestNode, number>();
