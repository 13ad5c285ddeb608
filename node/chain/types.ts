import type { EventEmitter } from "node:events";
import type { Header } from "../../runtime/primitives/header.ts";
import type { StateLookup } from "../state/state-db.ts";
import type { Hash } from "./hash.ts";

/** A block by its two names. */
export interface Head {
  readonly hash: Hash;
  readonly number: number;
}

/** Extrinsics are in their wire form, with the length prefix. The header holds its seal as the last digest item. */
export interface Block {
  readonly header: Header;
  readonly extrinsics: readonly Uint8Array[];
}

/** Consensus engine (4 bytes as text, such as `FRNK`) and the encoded proof of finality. */
export type Justification = readonly [engine: string, proof: Uint8Array];

/**
 * Where a block came from; it decides what is logged and whether its own changes may be believed. `network` is a new
 * block from a peer, `sync` one of many while catching up.
 */
export type BlockOrigin = "own" | "network" | "sync" | "file";

/** How the best chain moved: `retracted` from the old head down, `enacted` from the fork point up; both without `common`. */
export interface TreeRoute {
  readonly retracted: readonly Head[];
  readonly common: Head;
  readonly enacted: readonly Head[];
}

export interface ImportedEvent extends Head {
  readonly header: Header;
  readonly origin: BlockOrigin;
  readonly isBest: boolean;
}

export interface BestEvent extends Head {
  readonly header: Header;
  readonly route: TreeRoute;
}

export interface FinalizedEvent extends Head {
  readonly header: Header;
  /** All blocks that became final, oldest first; the last one is the head. */
  readonly enacted: readonly Head[];
  /** Blocks that can never become final any more, children after parents. */
  readonly stale: readonly Head[];
}

/**
 * Emitted in this order for one import, after the batch is on disk: everything named is queryable by then.
 * A listener that throws is logged and hurts no other.
 */
export interface ChainEvents {
  imported: [ImportedEvent];
  best: [BestEvent];
  finalized: [FinalizedEvent];
  /** Writing failed: nothing can be imported any more, and the node should stop. */
  failed: [Error];
}

/** Why a block was refused; `message` tells an operator what was wrong. */
export type ImportRefusal =
  /** Asked about a block that is not here. */
  | "UnknownBlock"
  /** Too many blocks wait in the queue: offer it again later. */
  | "QueueFull"
  /** The parent is not known: ask for it first. */
  | "UnknownParent"
  /** It does not descend from the finalized block. */
  | "NotOnFinalizedChain"
  /** The parent's state is pruned, so it cannot be executed. */
  | "ParentStateDiscarded"
  /** A proof of finality does not hold. */
  | "BadJustification"
  /** Its slot has not come yet: try again later. */
  | "FutureBlock"
  /** Seal, slot, author or digest is wrong. */
  | "BadConsensus"
  /** Execution failed, or its roots differ. */
  | "BadExecution"
  /** An extrinsic's signature does not verify. */
  | "BadSignature";

export type ImportResult =
  | { readonly type: "imported"; readonly hash: Hash; readonly isBest: boolean }
  | { readonly type: "known"; readonly hash: Hash }
  | { readonly type: "refused"; readonly hash: Hash; readonly code: ImportRefusal; readonly message: string };

/** What readers of the chain may ask; `Chain` implements it. Unknown hashes and numbers give `undefined`, never an error. */
export interface ChainReader {
  readonly genesisHash: Hash;
  readonly best: Head;
  readonly finalized: Head;
  readonly events: EventEmitter<ChainEvents>;
  header(hash: Hash): Header | undefined;
  /** The extrinsics of a block in their wire form. */
  body(hash: Hash): readonly Uint8Array[] | undefined;
  /** Undefined for an unknown block; empty when it has none. */
  justifications(hash: Hash): readonly Justification[] | undefined;
  /** The block at a height of the best chain. */
  hashAt(number: number): Hash | undefined;
  /** All blocks kept at a height, the best chain's first. */
  hashesAt(number: number): readonly Hash[];
  stateAt(hash: Hash): StateLookup;
  /** Keeps a state readable, whatever becomes of its block, until the function is called; undefined without a state. */
  pin(hash: Hash): (() => void) | undefined;
  /** The head of the best branch that holds a block; undefined for one that can not become final any more. */
  bestUnder(hash: Hash): Head | undefined;
  /** Heads of all branches that may still become final, the best one first. */
  leaves(): readonly Head[];
  /** Every block above the finalized one, parents before children. */
  unfinalized(): readonly Head[];
  /** From one known block to another; undefined when one of them is unknown or their fork point is pruned. */
  route(from: Hash, to: Hash): TreeRoute | undefined;
}
