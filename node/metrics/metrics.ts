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
    databaseBytes: gauge("matrixai_database_bytes", "Size of the database's files, bytes"),
    reorganisations: counter("matrixai_reorganisations_total", "Times the best chain changed its branch"),

    syncTarget: gauge("substrate_sync_target_height", "The highest block that the node synchronises to"),
    isSyncing: gauge("substrate_sub_libp2p_is_major_syncing", "1 while the node catches up with its peers"),

    slotsClaimed: new Counter({
      name: "matrixai_slots_claimed_total",
      help: "Slots in which a key of this node could make a block, by kind of its claim",
      labelNames: ["kind"] as const,
      registers,
    }),
    slotsMissed: counter(
      "matrixai_slots_missed_total",
      "Slots that a key of this node claimed, and made no block for",
    ),
    equivocations: counter(
      "matrixai_equivocations_total",
      "Proofs that a trainer sealed two blocks for one slot",
    ),

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

    finalityRound: gauge("substrate_finality_grandpa_round", "Highest round of finality that began here"),
    finalityVotes: new Counter({
      name: "matrixai_finality_votes_total",
      help: "Votes that this node cast, by kind: prevote, precommit",
      labelNames: ["kind"] as const,
      registers,
    }),
    finalityEquivocations: counter(
      "matrixai_finality_equivocations_total",
      "Voters who voted for two blocks in one round",
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

    networkPeers: new Gauge({
      name: "substrate_sub_libp2p_peers_count",
      help: "Peers by direction of their connection: in, out",
      labelNames: ["direction"] as const,
      registers,
    }),
    networkBytes: new Counter({
      name: "substrate_sub_libp2p_network_bytes_total",
      help: "Bytes before encryption by direction: in, out; of gossip that goes on to others, only the coming in",
      labelNames: ["direction"] as const,
      registers,
    }),
    networkRequests: new Counter({
      name: "matrixai_network_requests_total",
      help: "Requests made of peers by protocol and outcome",
      labelNames: ["protocol", "outcome"] as const,
      registers,
    }),
    networkAnswers: new Counter({
      name: "matrixai_network_answers_total",
      help: "Requests of peers by protocol and what became of them",
      labelNames: ["protocol", "outcome"] as const,
      registers,
    }),
    networkAnswerSeconds: new Histogram({
      name: "matrixai_network_answer_seconds",
      help: "Time from the first byte of a peer's request to the last of its answer, seconds",
      labelNames: ["protocol"] as const,
      buckets,
      registers,
    }),
    gossipMessages: new Counter({
      name: "matrixai_gossip_messages_total",
      help: "Gossip messages by topic and verdict: accept, ignore, reject, limited, published",
      labelNames: ["topic", "verdict"] as const,
      registers,
    }),
    peerReports: new Counter({
      name: "matrixai_peer_reports_total",
      help: "Misbehaviour of peers by reason",
      labelNames: ["reason"] as const,
      registers,
    }),
    peerBans: counter("matrixai_peer_bans_total", "Times a peer was banned"),
    connectionsRefused: new Counter({
      name: "matrixai_connections_refused_total",
      help: "Connections that were not accepted, by reason",
      labelNames: ["reason"] as const,
      registers,
    }),
  };
}
