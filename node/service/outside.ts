/** A node among others: its network, the votes on finality, and what it learns and tells there. */

import { hashToBytes } from "../chain/hash.ts";
import { ImportQueue } from "../chain/import-queue.ts";
import type { Head } from "../chain/types.ts";
import { startFinality } from "../finality/finality.ts";
import type { Finality } from "../finality/types.ts";
import type { Keystore } from "../keystore/keystore.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { startNetwork } from "../network/network.ts";
import type { NetworkOptions } from "../network/options.ts";
import type { Network, Role } from "../network/types.ts";
import type { NetworkInfo } from "../rpc/services.ts";
import { finalityTrail } from "../sync/finality-trail.ts";
import { startPropagation } from "../sync/propagation.ts";
import { startSync } from "../sync/sync.ts";
import type { Sync, SyncMode } from "../sync/types.ts";
import type { Core } from "./core.ts";
import { finalityNetwork } from "./finality-network.ts";
import { networkInfo } from "./network-info.ts";
import { soloNetwork } from "./solo-network.ts";

export interface OutsideOptions {
  /** Without it the node is alone. */
  readonly network?: Omit<NetworkOptions, "genesis" | "status"> | undefined;
  readonly sync: SyncMode;
  readonly role: Role;
  /** Whether a node without peers is worth a warning. */
  readonly shouldHavePeers: boolean;
  /** Whether blocks become final by votes; otherwise somebody asks for it. */
  readonly isVoting: boolean;
}

export interface OutsideComponents {
  readonly core: Core;
  readonly keys: Pick<Keystore, "find">;
  readonly metrics: Metrics;
  readonly log: Log;
}

export interface Outside {
  readonly info: NetworkInfo;
  readonly finality: Finality | undefined;
  /** So far behind the others that blocks should not be made. */
  isFarBehind(): boolean;
  stop(): Promise<void>;
}

/** Starts what speaks to others, last what answers them. @throws NetworkError that says what to do. */
export async function startOutside(options: OutsideOptions, parts: OutsideComponents): Promise<Outside> {
  const { core, keys, metrics } = parts;
  const { chain, database } = core;
  const log = parts.log.child("sync");
  const stops: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const network = options.network && (await connect(options.network, options.role, parts));
    if (network) stops.push(() => network.stop());
    let sync: Sync | undefined;
    const isFarBehind = () => sync?.isMajorSyncing() ?? false;
    const finality = options.isVoting
      ? startFinality(
          {},
          {
            chain,
            database,
            keys,
            network: network && finalityNetwork(network, parts.log.child("finality")),
            isNearHead: () => !isFarBehind(),
            fetchBlock: (peer, head) => sync?.fetch(peer, head),
            onEquivocation: (proof) => core.doubleVotes.add(proof),
            log: parts.log.child("finality"),
            metrics,
          },
        )
      : undefined;
    if (finality) stops.push(() => finality.stop());
    if (!network) return { info: soloNetwork(chain), finality, isFarBehind, stop };

    const queue = new ImportQueue(chain);
    stops.push(() => queue.close());
    const { mode, role } = { mode: options.sync, role: options.role };
    const shared = { chain, database, network, queue, consensus: core.consensus, log, metrics };
    const proofs = finality && {
      importJustification: finality.importJustification.bind(finality),
      trail: finalityTrail(chain, database),
    };
    sync = await startSync({ mode, role, slots: core }, { ...shared, ...(proofs && { finality: proofs }) });
    stops.push(() => sync?.stop());
    stops.push(startPropagation({ pool: core.pool, network, isMajorSyncing: isFarBehind, log }));
    return { info: networkInfo(network, sync, options.shouldHavePeers), finality, isFarBehind, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function connect(
  options: Omit<NetworkOptions, "genesis" | "status">,
  role: Role,
  { core: { chain }, log, metrics }: OutsideComponents,
): Promise<Network> {
  const ref = ({ hash, number }: Head) => ({ hash: hashToBytes(hash), number });
  const status = { role, best: ref(chain.best), finalized: ref(chain.finalized) };
  return startNetwork({ ...options, genesis: hashToBytes(chain.genesisHash), status }, { log, metrics });
}
