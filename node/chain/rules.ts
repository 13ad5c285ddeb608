/** What the chain asks of others: how blocks are judged, which branch is best, what is final. */

import type { Header } from "../../runtime/primitives/header.ts";
import type { Overlay } from "../../runtime/primitives/overlay.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { StateView } from "../state/state-db.ts";
import { bytesToHash, type Hash } from "./hash.ts";
import type { Block, BlockOrigin, ImportRefusal } from "./types.ts";

export interface Refusal {
  readonly code: ImportRefusal;
  readonly message: string;
}

/** Runs a block on its parent's state and compares what comes out; throws an error with a message for operators. */
export type ExecuteBlock = (storage: Overlay, block: Block, check: SignatureCheck) => void;

/** The block that another one builds on. */
export interface Parent {
  readonly header: Header;
  readonly state: StateView;
}

/** Who may make a block, and when. */
export interface ConsensusRules {
  /** Before execution, by header and parent alone: digest, slot, author, seal. */
  checkHeader(header: Header, parent: Parent, origin: BlockOrigin): Refusal | undefined;
  /** What a block adds to the weight of its branch: a number that is not negative. */
  weightOf(header: Header): number;
}

/** The head of a branch, and what its blocks weigh together, counted from some common ancestor. */
export interface BranchHead {
  readonly header: Header;
  readonly weight: number;
}

/** Whether a block is a better head than the present one. Both descend from the finalized block. */
export type ForkChoice = (candidate: BranchHead, best: BranchHead) => boolean;

/** The higher block; of two at one height the one that was here first. */
export const longestChain: ForkChoice = (candidate, best) => candidate.header.number > best.header.number;

/** Names the block that becomes final when `best` becomes the best block; undefined when that changes nothing. */
export type FinalityRule = (best: Header) => Hash | undefined;

/** A block waits until somebody finalizes it. */
export const finalityOnRequest: FinalityRule = () => undefined;

/** A block is final once a child of it is the best block: where one author makes all blocks, nobody can object. */
export const finalWithChild: FinalityRule = (best) => bytesToHash(best.parentHash);
