/**
 * A whole node: starts its parts in order and stops them in reverse. Whatever ends it, the database is one that
 * the next start goes on with.
 */
import type { ChainSpec } from "../../chain-spec/chain-spec.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { Author } from "../consensus/author.ts";
import type { PohKey } from "../consensus/local-claims.ts";
import { sealSlots } from "../consensus/seal-slots.ts";
import { Sealer } from "../consensus/sealer.ts";
import type { Keystore } from "../keystore/keystore.ts";
import type { RootLog } from "../log/log.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { serveMetrics } from "../metrics/metrics-server.ts";
import { createMethods } from "../rpc/methods.ts";
import { runtimeCalls } from "../rpc/runtime-calls.ts";
import { RpcServer, type RpcServerOptions } from "../rpc/server/server.ts";
import type { KeyService } from "../rpc/services.ts";
import type { SyncMode } from "../sync/types.ts";
import { type Core, openCore, type Sealing } from "./core.ts";
import { measureDatabase } from "./database-size.ts";
import { OffchainStorage } from "./offchain-storage.ts";
import { type OutsideOptions, startOutside } from "./outside.ts";
import { rpcObserver } from "./rpc-observer.ts";

export interface NodeOptions {
  readonly spec: ChainSpec;
  /** The first state of the chain that `spec` describes. */
  readonly genesis: Changes;
  /** Folder of the database. */
  readonly path: string;
  readonly pruning: number | "archive";
  readonly sealing: Sealing;
  /** The keys it has at the moment for making blocks. */
  readonly pohKeys: () => readonly PohKey[];
  readonly keys: KeyService & Pick<Keystore, "find">;
  /** How it meets others; without it the node is alone. */
  readonly network?: OutsideOptions["network"];
  readonly sync: SyncMode;
  readonly rpc: RpcServerOptions;
  /** Where Prometheus reads; nowhere without it. */
  readonly metrics?: { readonly port: number; readonly host?: string } | undefined;
  readonly program: { readonly name: string; readonly version: string };
  readonly log: RootLog;
}

export interface RunningNode {
  readonly core: Core;
  readonly rpcPort: number;
  readonly metricsPort: number | undefined;
  /** Rejects when the node can not go on, such as with a full disk; `stop` is still to be called. */
  readonly failed: Promise<never>;
  /** Ends everything, last started first. */
  stop(): Promise<void>;
}

/** @throws errors that say what to do: DatabaseError, ListenError, MetricsPortError. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { log, program, sealing, pohKeys } = options;
  const stops: (() => unknown)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const end of stops.reverse()) await end();
    })();
    return stopping;
  };
  try {
    const metrics = createMetrics(program);
    const metricsServer = options.metrics && (await serveMetrics(metrics.registry, options.metrics));
    if (metricsServer) stops.push(() => metricsServer.close());

    const core = await openCore({ ...options, metrics });
    stops.push(() => core.close());
    stops.push(measureDatabase(options.path, metrics));
    const { chain, pool, slotMs, clock } = core;
    const chainFailed = new Promise<never>((_, reject) => void chain.events.once("failed", reject));
    // It is listened to once everything has started.
    chainFailed.catch(() => undefined);

    const offchain = new OffchainStorage(core.database, log.child("offchain"));
    stops.push(() => offchain.close());
    const check = core.signatures.now;
    const { slots, equivocations, doubleVotes } = core;
    const author = new Author(
      { keys: pohKeys, slotMs, clock },
      {
        chain,
        pool,
        slots,
        check,
        inherents: (ctx) => [...equivocations.inherents(ctx), ...doubleVotes.inherents(ctx)],
        metrics,
        log: log.child("author"),
      },
    );
    const sealer = sealing !== "slots" ? new Sealer(author, core) : undefined;
    const hasKeys = pohKeys().length > 0;

    const outside = await startOutside(
      {
        network: options.network,
        sync: options.sync,
        role: hasKeys ? "authority" : "full",
        shouldHavePeers: options.spec.chainType !== "Development",
        isVoting: sealing !== "manual",
      },
      { core, keys: options.keys, metrics, log },
    );
    stops.push(() => outside.stop());
    const failed = Promise.race([chainFailed, ...(outside.finality ? [outside.finality.failed] : [])]);
    failed.catch((error) => log.error("the node can not go on", { error }));
    const methods = createMethods({
      chain,
      pool,
      runtime: runtimeCalls,
      spec: options.spec,
      node: {
        implementation: program.name,
        version: program.version,
        role: hasKeys ? "Authority" : "Full",
        addLogFilter: (directives) => log.addFilter(directives),
        resetLogFilter: () => log.resetFilter(),
      },
      network: outside.info,
      keys: options.keys,
      offchain,
      ...(sealer && { sealer }),
      ...(outside.finality && { finality: outside.finality }),
      log: log.child("rpc"),
    });
    const server = new RpcServer(options.rpc, {
      methods,
      log: log.child("rpc"),
      health: () => outside.info.health(),
      observer: rpcObserver(metrics),
    });
    const rpcPort = await server.start();
    stops.push(() => server.stop());

    if (sealing === "slots") {
      const controller = new AbortController();
      const sealed = sealSlots(author, {
        chain,
        log: log.child("author"),
        metrics,
        isFarBehind: outside.isFarBehind,
        signal: controller.signal,
      });
      stops.push(() => {
        controller.abort();
        return sealed;
      });
    }
    if (sealer && sealing === "instant") stops.push(sealer.sealInstantly(log.child("author")));

    log.info("ready", {
      chain: options.spec.name,
      genesis: chain.genesisHash,
      best: chain.best.number,
      finalized: chain.finalized.number,
      rpc: `ws://${options.rpc.host ?? "127.0.0.1"}:${rpcPort}`,
      ...(metricsServer && { metrics: `http://127.0.0.1:${metricsServer.port}/metrics` }),
      author: hasKeys ? sealing : "none",
      ...(options.network && { peerId: outside.info.peerId }),
    });
    return { core, rpcPort, metricsPort: metricsServer?.port, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
