import type { EventEmitter } from "node:events";
import type { TransactionSource, ValidTransaction } from "../../runtime/primitives/validity.ts";
import type { Hash } from "../chain/hash.ts";

/** `invalid` will never be right at this block's descendants and is banned for a while; `unknown` could not be decided. */
export type Validity<Reason> =
  | { readonly type: "valid"; readonly value: ValidTransaction }
  | { readonly type: "invalid"; readonly reason: Reason }
  | { readonly type: "unknown"; readonly reason: Reason };

/** Asks the runtime, at the state of block `at`. Called once per submission and again after blocks. */
export type Validate<Reason> = (
  extrinsic: Uint8Array,
  source: TransactionSource,
  at: Hash,
) => Promise<Validity<Reason>>;

/** A tag as text (one character per byte), so that maps can be keyed by it. */
export type Tag = string;

export interface PoolTransaction {
  readonly hash: Hash;
  /** Wire form with the length prefix. */
  readonly bytes: Uint8Array;
  readonly priority: bigint;
  readonly requires: readonly Tag[];
  readonly provides: readonly Tag[];
  /** The number of the first block in which it is no longer valid. */
  readonly validTill: number;
  readonly propagate: boolean;
  readonly source: TransactionSource;
}

/** The life of one transaction, in Substrate's words. The last five end it. */
export type TransactionStatus =
  | { readonly type: "future" }
  | { readonly type: "ready" }
  | { readonly type: "broadcast"; readonly peers: readonly string[] }
  | { readonly type: "inBlock"; readonly block: Hash; readonly index: number }
  | { readonly type: "retracted"; readonly block: Hash }
  | { readonly type: "finalityTimeout"; readonly block: Hash }
  | { readonly type: "finalized"; readonly block: Hash; readonly index: number }
  | { readonly type: "usurped"; readonly by: Hash }
  | { readonly type: "dropped" }
  | { readonly type: "invalid" };

/** Why a transaction was not taken. The comments give Substrate's error codes of `author_*`. */
export type PoolError<Reason> =
  /** 1010 or 1011: the runtime's word. */
  | { readonly code: "Invalid"; readonly reason: Reason }
  | { readonly code: "Unknown"; readonly reason: Reason }
  /** 1012 */
  | { readonly code: "TemporarilyBanned" }
  /** 1013 */
  | { readonly code: "AlreadyImported" }
  /** 1014: both are priorities; the new one must be higher. */
  | { readonly code: "TooLowPriority"; readonly old: bigint; readonly new: bigint }
  /** 1015 */
  | { readonly code: "CycleDetected" }
  /** 1016 */
  | { readonly code: "ImmediatelyDropped" }
  /** 1018 */
  | { readonly code: "Unactionable" }
  /** 1019 */
  | { readonly code: "NoTagsProvided" }
  /** 1021 */
  | { readonly code: "FutureNotAccepted" };

export type SubmitResult<Reason> =
  | { readonly type: "accepted"; readonly hash: Hash }
  | { readonly type: "refused"; readonly hash: Hash; readonly error: PoolError<Reason> };

export type StatusListener = (status: TransactionStatus) => void;

export interface PoolEvents {
  /** A transaction may now go into the next block. */
  ready: [PoolTransaction];
}

export interface PoolSize {
  readonly ready: number;
  readonly readyBytes: number;
  readonly future: number;
  readonly futureBytes: number;
}

/** What RPC and network need of the pool; `Pool` implements it. */
export interface PoolApi<Reason> {
  readonly events: EventEmitter<PoolEvents>;
  readonly size: PoolSize;
  /**
   * Validates and takes a transaction. `onStatus` hears of it from then on, in order, until a final status;
   * the first word may come just before the result, and none comes when it is refused.
   */
  submit(
    bytes: Uint8Array,
    source: TransactionSource,
    onStatus?: StatusListener,
  ): Promise<SubmitResult<Reason>>;
  /** Ends the messages to one listener. */
  unwatch(hash: Hash, onStatus: StatusListener): void;
  /** Ready ones in block order, then future ones. */
  pending(): readonly PoolTransaction[];
  /** Ready ones only, in block order. */
  ready(): Iterable<PoolTransaction>;
  get(hash: Hash): PoolTransaction | undefined;
  /** Whether a ready transaction provides `tag`. */
  provides(tag: Tag): boolean;
  /** Removes transactions with all that depend on them and bans them; returns what was removed. */
  remove(hashes: readonly Hash[]): readonly Hash[];
  /** Tells those who watch that peers were sent the transaction. */
  broadcasted(hash: Hash, peers: readonly string[]): void;
}
