import {
  type EquivocationProof,
  equivocationInherent,
  equivocationProof,
  isReportable,
} from "../../pallets/poh/index.ts";
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { type Header, hashHeader, withoutSeal } from "../../runtime/primitives/header.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { InherentEntry } from "./author.ts";
import type { SealedClaim } from "./digest.ts";

/** So many claims are remembered, the newest ones; on the live chain those of more than an hour. */
const rememberedClaims = 1024;
/** So many proofs wait for a block of this node. */
const pendingProofs = 16;

/** Notices when a trainer seals two headers for one slot, and keeps the proof until it is on the chain. */
export class Equivocations {
  readonly #onFound: (proof: EquivocationProof) => void;
  readonly #seen = new Map<string, { readonly hash: Hash; readonly header: Header }>();
  #pending: EquivocationProof[] = [];

  /** `onFound` is told of each proof, such as to send a signed report where this node makes no blocks. */
  constructor(onFound: (proof: EquivocationProof) => void = () => undefined) {
    this.#onFound = onFound;
  }

  /** Takes a header whose seal is right. */
  observe(header: Header, { author, claim }: SealedClaim): void {
    const name = `${claim.slot} ${bytesToHash(author)}`;
    const hash = bytesToHash(hashHeader(withoutSeal(header)));
    const first = this.#seen.get(name);
    if (!first) {
      this.#seen.set(name, { hash, header });
      const [oldest] = this.#seen.keys();
      if (this.#seen.size > rememberedClaims && oldest !== undefined) this.#seen.delete(oldest);
      return;
    }
    if (first.hash === hash) return;
    const proof = { first: first.header, second: header };
    this.#pending = [...this.#pending, proof].slice(-pendingProofs);
    this.#onFound(proof);
  }

  /** What the next block on a state is to report; forgets what it need not any more. */
  inherents(ctx: ReadCtx): InherentEntry[] {
    this.#pending = this.#pending.filter(({ first, second }) => isReportable(ctx, first, second));
    const [proof] = this.#pending;
    return proof ? [[textBytes(equivocationInherent.identifier), encode(equivocationProof, proof)]] : [];
  }
}
