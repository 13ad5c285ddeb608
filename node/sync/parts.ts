import type { Header } from "../../runtime/primitives/header.ts";
import type { Chain } from "../chain/chain.ts";
import { bytesToHash } from "../chain/hash.ts";
import type { ImportQueue } from "../chain/import-queue.ts";
import type { ConsensusRules, Refusal } from "../chain/rules.ts";
import type { Log } from "../log/log.ts";
import type { Network, PeerId } from "../network/types.ts";
import type { LineEnd } from "./block-pipeline.ts";
import type { LinkedHeader } from "./line.ts";
import type { SyncPeers } from "./peers.ts";
import type { RefusedBlocks } from "./refused-blocks.ts";
import type { SyncFinality } from "./types.ts";

/** What the parts of synchronisation share. */
export interface SyncParts {
  readonly chain: Chain;
  readonly queue: ImportQueue;
  readonly network: Network;
  readonly peers: SyncPeers;
  readonly refused: RefusedBlocks;
  readonly consensus: Pick<ConsensusRules, "checkHeader">;
  readonly finality?: SyncFinality | undefined;
  readonly log: Log;
}

/** What a header says against itself, if its parent is ours; undefined when there is nothing. */
export function faultOf({ chain, consensus }: SyncParts, header: Header): Refusal | undefined {
  const hash = bytesToHash(header.parentHash);
  const parent = chain.header(hash);
  const lookup = chain.stateAt(hash);
  if (!parent) return { code: "UnknownParent", message: `its parent ${hash} is not known` };
  if (lookup.type !== "ok") {
    return { code: "ParentStateDiscarded", message: `the state of its parent ${hash} is pruned` };
  }
  if (header.number !== parent.number + 1) {
    return { code: "BadConsensus", message: `its number is ${header.number}, its parent's ${parent.number}` };
  }
  return consensus.checkHeader(header, { header: parent, state: lookup.state }, "network");
}

/**
 * How long a peer is left alone whose best chain parts from ours below the finalized block. It may have heard of that block
 * a moment later than we did, and votes that we wait for may be about blocks that it alone has.
 */
const strangerPauseMs = 10_000;

/** Hands over the proofs of finality that came with a block, after its import. */
export async function importProofs(
  { finality, network, log }: SyncParts,
  { hash, header, justifications }: LinkedHeader,
  from: PeerId,
): Promise<void> {
  for (const justification of finality ? justifications : []) {
    const refused = await finality!.importJustification(hash, justification);
    if (!refused) continue;
    log.debug("refused a justification", {
      number: header.number,
      hash,
      reason: refused.message,
      peer: from,
    });
    // It may hold, and only stand on one that has not come; to send many such costs a peer nevertheless.
    network.report(from, "Useless");
  }
}

/** What the end of a line of blocks means for the peer that sent its headers. */
export function judgeEnd({ peers, refused, log }: SyncParts, end: LineEnd, from: PeerId): void {
  if (end.type === "done") return;
  const { header, hash } = end.block;
  if (end.type === "starved") {
    peers.pause(from);
    log.debug("nobody gives the body of a block", { number: header.number, hash, peer: from });
    return;
  }
  const { code, message } = end.result;
  switch (code) {
    case "BadConsensus":
    case "BadExecution":
    case "BadSignature":
      refused.add(hash, message);
      peers.blame(from, "Invalid", `block ${header.number} ${hash}: ${message}`);
      return;
    case "NotOnFinalizedChain":
      // Its branch has lost, which it will know when it hears of the votes that we have heard.
      log.debug("a peer's block is on a branch that has lost", { peer: from, number: header.number, hash });
      peers.pause(from);
      return;
    case "ParentStateDiscarded":
      log.warn("cannot follow a peer's chain", { peer: from, number: header.number, reason: message });
      peers.pause(from, strangerPauseMs);
      return;
    default:
      // Too early, or too much at once: it is tried again.
      peers.pause(from);
  }
}

/** A peer's chain leaves ours below the finalized block: whatever it has is not for us. */
export function refuseFork({ chain, peers, log }: SyncParts, peer: PeerId): void {
  const { number, hash } = chain.finalized;
  log.warn("a peer's chain parts from ours before the finalized block, which is never undone", {
    peer,
    finalized: number,
    hash,
  });
  peers.pause(peer, strangerPauseMs);
}
