/** The way from genesis to now for those who do not execute it: the last block of each set of voters names the next. */

import { toHex } from "../../runtime/primitives/bytes.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import type { Justification } from "../chain/types.ts";
import type { Batch } from "../db/batch.ts";
import { type AuthoritySet, announcedSet } from "./authority-sets.ts";
import { finalityEngine, verifyJustification } from "./justification.ts";
import { type ProofStore, type ProvenHeader, provenHeader } from "./proof-store.ts";

const maxSteps = 1_024;
const steps = boundedVec(provenHeader, maxSteps);

/** Steps from set `setId` on, of about `maxBytes` at most; the latest proof where the sets end. */
export function proveSetChanges(setId: bigint, maxBytes: number, proofs: ProofStore): Uint8Array {
  const found: ProvenHeader[] = [];
  let left = maxBytes;
  const add = (proven: ProvenHeader): boolean => {
    left -= encode(provenHeader, proven).length;
    if (left < 0 && found.length > 0) return false;
    found.push(proven);
    return found.length < maxSteps;
  };
  for (let id = setId; ; id++) {
    const end = proofs.endOf(id);
    if (end && add(end)) continue;
    const latest = end ? undefined : proofs.latest();
    const last = found.at(-1)?.header.number ?? 0;
    if (latest && latest.header.number > last) add(latest);
    return encode(steps, found);
  }
}

/** A walk along that way, checking each step. */
export class TrailWalk {
  readonly #ends: (readonly [setId: bigint, proven: ProvenHeader])[] = [];
  #set: AuthoritySet;
  #latest: ProvenHeader | undefined;

  /** Begins with the set that votes on block 1. */
  constructor(first: AuthoritySet) {
    this.#set = first;
  }

  /** The set whose proof comes next. */
  get setId(): bigint {
    return this.#set.setId;
  }

  /** The last block that was shown to be final. */
  get head(): Header | undefined {
    return this.#latest?.header;
  }

  get justification(): Justification | undefined {
    return this.#latest && [finalityEngine, this.#latest.justification];
  }

  /** Goes on with what `proveSetChanges` gave. False when there was nothing new. @throws Error when it proves nothing. */
  follow(proof: Uint8Array): boolean {
    const list = decode(steps, proof).filter(({ header }) => header.number > (this.head?.number ?? 0));
    for (const step of list) this.#step(step);
    return list.length > 0;
  }

  /** Puts the steps that were taken into `batch`, so that this node can show them to others. */
  write(batch: Batch, proofs: ProofStore): void {
    for (const [setId, proven] of this.#ends) proofs.putEnd(batch, setId, proven);
    if (this.#latest) proofs.putLatest(batch, this.#latest);
  }

  #step(proven: ProvenHeader): void {
    const { header, justification } = proven;
    const { setId, authorities } = this.#set;
    if (header.number <= (this.head?.number ?? 0)) throw new Error("the steps do not rise");
    const judged = verifyJustification(justification, setId, authorities);
    if (judged.type === "invalid") throw new Error(`block ${header.number}: ${judged.message}`);
    if (judged.target.hash !== toHex(hashHeader(header))) {
      throw new Error(`the justification is for ${judged.target.hash}, not for block ${header.number}`);
    }
    this.#latest = proven;
    const next = announcedSet(header);
    if (!next) return;
    this.#ends.push([setId, proven]);
    this.#set = { setId: setId + 1n, authorities: next };
  }
}
