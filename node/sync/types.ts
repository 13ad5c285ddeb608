/** What `startSync` takes and gives. */
import type { Header } from "../../runtime/primitives/header.ts";
import type { Chain } from "../chain/chain.ts";
import type { Hash } from "../chain/hash.ts";
import type { ImportQueue } from "../chain/import-queue.ts";
import type { ConsensusRules, Refusal } from "../chain/rules.ts";
import type { Head, Justification } from "../chain/types.ts";
import type { Batch } from "../db/batch.ts";
import type { Database } from "../db/database.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Network, PeerId, Role } from "../network/types.ts";
import type { ClockWatchOptions } from "./clock-watch.ts";

/** `full` executes every block since genesis; `fast` begins with the state of a finalized block, then fills in the blocks before it. */
export type SyncMode = "full" | "fast";

export interface SyncOptions {
  readonly mode: SyncMode;
  /** Told to peers. */
  readonly role: Role;
  /** With them the clock is compared with that of others. */
  readonly slots?: ClockWatchOptions;
}

export interface SyncComponents {
  readonly database: Database;
  readonly chain: Chain;
  readonly queue: ImportQueue;
  readonly network: Network;
  /** The rules of the chain: headers are judged by them before they are forwarded and before bodies are fetched. */
  readonly consensus: Pick<ConsensusRules, "checkHeader">;
  readonly finality?: SyncFinality;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** What synchronisation needs of finality; `node/finality` has it. Without it nothing is finalized by proof. */
export interface SyncFinality {
  /** Checks the proof of a block that was imported, and makes the block final. Undefined when it is. */
  importJustification(hash: Hash, justification: Justification): Promise<Refusal | undefined>;
  readonly trail?: FinalityTrail;
}

/** The way from genesis to a recent final block, by the sets of authorities that followed one another. */
export interface FinalityTrail {
  /** For peers: steps from the set with this id on, at most about `maxBytes`; empty at the end. */
  prove(setId: bigint, maxBytes: number): Uint8Array;
  /** Begins a walk at the first set, which genesis names. */
  begin(): TrailWalk;
}

export interface TrailWalk {
  /** The set whose justification comes next. */
  readonly setId: bigint;
  /** The last block that was shown to be final. */
  readonly head: Header | undefined;
  readonly justification: Justification | undefined;
  /** Goes on with what `prove` gave. False when there was nothing new. @throws Error when it proves nothing. */
  follow(proof: Uint8Array): boolean;
  /** Puts what was followed into `batch`, so that this node can prove it to others. */
  write(batch: Batch): void;
}

/** What a node is doing to catch up. */
export type SyncStage =
  /** At the head, or without peers. */
  | "idle"
  /** Following proofs of finality from genesis. */
  | "proofs"
  /** Downloading a state. */
  | "state"
  /** Downloading and executing blocks. */
  | "blocks";

export interface SyncState {
  /** The best block when the node started. */
  readonly starting: number;
  readonly current: number;
  /** The highest block that a peer is known to have, or our own. */
  readonly highest: number;
  readonly stage: SyncStage;
  /** Entries of the state that is being downloaded, so far. */
  readonly entries: number | undefined;
  /** The lowest block of the gap that is still to be filled in, and the highest; undefined without a gap. */
  readonly gap: { readonly from: number; readonly to: number } | undefined;
}

export interface Sync {
  state(): SyncState;
  /** So far behind that blocks should not be made on ours, and transactions not be taken. */
  isMajorSyncing(): boolean;
  /** Gets a block that this peer knows, with the few before it that are not here. */
  fetch(peer: PeerId, head: Head): void;
  /** Ends downloads; what has come is kept. */
  stop(): Promise<void>;
}
