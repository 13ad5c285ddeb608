/** What the rest of the node sees of finality, and what finality asks of the network. */
import type { Hash } from "../chain/hash.ts";
import type { Refusal } from "../chain/rules.ts";
import type { Head, Justification } from "../chain/types.ts";

/** What becomes of a gossiped message: forwarded, dropped, or dropped at the expense of the peer that sent it. */
export type Verdict = "accept" | "ignore" | "reject";

/** The network as finality uses it; peers are named by text. */
export interface FinalityNetwork {
  /** Gossips a message; the own handler is not asked. */
  broadcast(message: Uint8Array): void;
  /** Judges what others gossip, before it is forwarded. Returns how to end that. */
  onMessage(handler: (message: Uint8Array, peer: string) => Verdict): () => void;
  /** Peers that can be asked. */
  neighbors(): readonly string[];
  /** Asks one of them for what is missing here; rejects when it does not answer. */
  requestCatchUp(peer: string, request: Uint8Array): Promise<Uint8Array>;
  /** Answers such requests. @throws Error for one that is none. Returns how to end that. */
  onCatchUpRequest(handler: (request: Uint8Array, peer: string) => Uint8Array): () => void;
  /** An answer of this peer was no answer. */
  reportBadAnswer(peer: string): void;
}

/** A catch-up request has so many bytes. */
export const catchUpRequestBytes = 20;
/** An answer has at most so many: two rounds of votes by a thousand voters. */
export const maxCatchUpBytes = 1024 * 1024;

/** Votes of one kind in a round. */
export interface VotesReport {
  readonly weight: bigint;
  /** ed25519 keys of those who have not voted, in byte order. */
  readonly missing: readonly Uint8Array[];
}

export interface RoundReport {
  readonly round: bigint;
  readonly totalWeight: bigint;
  readonly thresholdWeight: bigint;
  readonly prevotes: VotesReport;
  readonly precommits: VotesReport;
}

export interface RoundStateReport {
  readonly setId: bigint;
  readonly best: RoundReport;
  /** Rounds that may still make blocks final. */
  readonly background: readonly RoundReport[];
}

/** A proof of finality that came to be here, encoded as Substrate's `GrandpaJustification`. */
export interface JustificationEvent extends Head {
  readonly justification: Uint8Array;
}

export interface Finality {
  /** Undefined where nobody votes: the chain names no authorities. */
  roundState(): RoundStateReport | undefined;
  /** Hears of each justification once its block is final here. Returns how to end that. */
  onJustification(listener: (event: JustificationEvent) => void): () => void;
  /** Checks the proof of an imported block and makes the block final; undefined when it is. */
  importJustification(hash: Hash, justification: Justification): Promise<Refusal | undefined>;
  /** Substrate's encoded `FinalityProof` of a block's height; undefined when there is none to give. */
  proveFinality(number: number): FinalityProofAnswer;
  /** Rejects with a `FinalityContradiction` when two blocks that exclude each other were made final: stop the node. */
  readonly failed: Promise<never>;
  /** Ends voting; resolves when nothing is being written any more. */
  stop(): Promise<void>;
}

export type FinalityProofAnswer =
  | { readonly type: "proof"; readonly proof: Uint8Array }
  | { readonly type: "none" }
  /** The block is not final yet. */
  | { readonly type: "notFinal" };

/** More than a third of the voters cheat, or this node's data is not this chain's: nothing can be relied on. */
export class FinalityContradiction extends Error {
  override readonly name = "FinalityContradiction";
}
