import type { Chain } from "../chain/chain.ts";
import { bytesToHash, type Hash, shortHash } from "../chain/hash.ts";
import type { Refusal } from "../chain/rules.ts";
import type { Head, Justification } from "../chain/types.ts";
import type { Log } from "../log/log.ts";
import type { AuthoritySets } from "./authority-sets.ts";
import { buildJustification, finalityEngine, verifyJustification } from "./justification.ts";
import type { ProofStore } from "./proof-store.ts";
import type { Commit } from "./protocol/commit.ts";
import { FinalityContradiction, type JustificationEvent } from "./types.ts";

export interface FinalizerParts {
  readonly chain: Chain;
  readonly sets: AuthoritySets;
  readonly proofs: ProofStore;
  /** Blocks between justifications that are kept. */
  readonly period: number;
  readonly log: Log;
}

/** Makes blocks final in the chain, and keeps and tells the proofs. */
export class Finalizer {
  readonly #parts: FinalizerParts;
  readonly #listeners = new Set<(event: JustificationEvent) => void>();

  constructor(parts: FinalizerParts) {
    this.#parts = parts;
  }

  onJustification(listener: (event: JustificationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes the target of a valid commit final. @throws FinalityContradiction when it cannot be. */
  async commit(round: number, commit: Commit): Promise<void> {
    const proof = buildJustification(round, commit, this.#parts.chain);
    await this.#finalize(commit.target, proof);
  }

  /** See `Finality.importJustification`. @throws FinalityContradiction for a proof that holds but should not. */
  async importJustification(hash: Hash, [engine, proof]: Justification): Promise<Refusal | undefined> {
    const { chain, sets } = this.#parts;
    const header = chain.header(hash);
    if (!header) return { code: "UnknownBlock", message: `block ${hash} is not known` };
    const bad = (message: string): Refusal => ({ code: "BadJustification", message });
    if (engine !== finalityEngine) return bad(`the engine is ${engine}, here it is ${finalityEngine}`);
    if (isFinal(chain, { hash, number: header.number })) return undefined;
    const set = sets.after(bytesToHash(header.parentHash));
    if (!set) {
      const message = `who votes on block ${header.number} is not known: too much before it is pruned`;
      return { code: "ParentStateDiscarded", message };
    }
    const judged = verifyJustification(proof, set.setId, set.authorities);
    if (judged.type === "invalid") return bad(judged.message);
    if (judged.target.hash !== hash) return bad(`it is for block ${judged.target.hash}`);
    const present = sets.after(chain.finalized.hash);
    if (header.number > chain.finalized.number && present && present.setId !== set.setId) {
      return bad(`set ${set.setId} votes on it, but the last block of set ${present.setId} is not final yet`);
    }
    await this.#finalize(judged.target, proof);
    return undefined;
  }

  async #finalize(target: Head, proof: Uint8Array): Promise<void> {
    const { chain, sets, proofs, period } = this.#parts;
    const header = chain.header(target.hash);
    if (!header || isFinal(chain, target)) return;
    const parent = bytesToHash(header.parentHash);
    const isEnd = sets.changesAt(target.hash, parent);
    const isDue = Math.floor(target.number / period) > Math.floor(chain.finalized.number / period);
    const proven = { header, justification: proof };
    const refused = await chain.finalize(
      target.hash,
      isEnd || isDue ? [finalityEngine, proof] : undefined,
      (batch) => {
        proofs.putLatest(batch, proven);
        const set = isEnd ? sets.after(parent) : undefined;
        if (set) proofs.putEnd(batch, set.setId, proven);
      },
    );
    if (refused && !isFinal(chain, target)) {
      throw new FinalityContradiction(
        `a supermajority made block ${target.number} (${target.hash}) final, but here ${chain.finalized.number} ` +
          `(${chain.finalized.hash}) is final and excludes it: ${refused.message}`,
      );
    }
    this.#parts.log.info("finalized", { number: target.number, hash: shortHash(target.hash) });
    this.#tell({ ...target, justification: proof });
  }

  #tell(event: JustificationEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#parts.log.error("a listener failed", { event: "justification", error });
      }
    }
  }
}

const isFinal = (chain: Chain, { hash, number }: Head): boolean =>
  number <= chain.finalized.number && chain.hashAt(number) === hash;
