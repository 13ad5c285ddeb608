/** Every figure that the node publishes, under Substrate's names where it has one. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Seconds, from a fast import to a slow one. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(build: { readonly name: string; readonly version: string }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets, registers });

  new Gauge({
    name: "substrate_build_info",
    help: "A metric with a constant 1 value labelled by name and version",
    labelNames: ["name", "version"],
    registers,
  }).set(build, 1);
  gauge("substrate_process_start_time_seconds", "When the process started, seconds since 1970").set(
    Math.round(Date.now() / 1000 - process.uptime()),
  );

  return {
    registry,
    blockHeight: new Gauge({
      name: "substrate_block_height",
      help: "Block height of the chain by status: best, finalized",
      labelNames: ["status"] as const,
      registers,
    }),
    leaves: gauge("substrate_number_leaves", "Heads of branches that may still become final"),
    blockImportSeconds: histogram(
      "substrate_block_verification_and_import_time",
      "Time from taking a block out of the queue until it is on disk, seconds",
    ),
    blocksRefused: new Counter({
      name: "matrixai_blocks_refused_total",
      help: "Blocks that were not imported, by reason",
      labelNames: ["reason"] as const,
      registers,
    }),
    reorganisations: counter("matrixai_reorganisations_total", "Times the best chain changed its branch"),

    readyTransactions: gauge("substrate_ready_transactions_number", "Transactions ready for a block"),
    futureTransactions: gauge(
      "matrixai_future_transactions_number",
      "Transactions that wait for another one",
    ),
    poolSubmissions: counter(
      "substrate_sub_txpool_submitted_transactions",
      "Transactions that were offered to the pool",
    ),
    poolInvalid: counter(
      "substrate_sub_txpool_validations_invalid",
      "Transactions removed from the pool because they became invalid",
    ),
    poolPruned: counter(
      "substrate_sub_txpool_block_transactions_pruned",
      "Transactions removed from the pool because a block included them",
    ),

    blockBuildSeconds: histogram("substrate_proposer_block_constructed", "Time to build a block, seconds"),
    blockTransactions: gauge(
      "substrate_proposer_number_of_transactions",
      "Transactions in the last block built here",
    ),

    rpcSessionsOpened: counter("substrate_rpc_sessions_opened", "RPC connections opened"),
    rpcSessionsClosed: counter("substrate_rpc_sessions_closed", "RPC connections closed"),
    rpcCalls: new Counter({
      name: "substrate_rpc_calls_finished",
      help: "RPC calls by method and outcome",
      labelNames: ["method", "is_error"] as const,
      registers,
    }),
    rpcCallSeconds: new Histogram({
      name: "matrixai_rpc_call_seconds",
      help: "Time of an RPC call by method, seconds",
      labelNames: ["method"] as const,
      buckets,
      registers,
    }),
    rpcSubscriptions: gauge("matrixai_rpc_subscriptions_number", "RPC subscriptions that are open"),
  };
}
