import { equivocationInherent, reportFault } from "../../pallets/grandpa/index.ts";
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { type EquivocationProof, equivocationProof } from "../../runtime/primitives/grandpa.ts";
import type { InherentEntry } from "./author.ts";

/** So many voters' proofs wait for a block of this node, the newest ones. */
const pendingProofs = 64;

/** Keeps proofs of double votes until they are on the chain: one for each voter and set, which is punished once. */
export class DoubleVotes {
  readonly #pending = new Map<string, EquivocationProof>();

  /** Takes an encoded proof, as voters make it. */
  add(encoded: Uint8Array): void {
    const proof = decode(equivocationProof, encoded);
    const { set_id, equivocation } = proof;
    const name = `${set_id} ${toHex(equivocation.value.identity)}`;
    if (this.#pending.has(name)) return;
    this.#pending.set(name, proof);
    const [oldest] = this.#pending.keys();
    if (this.#pending.size > pendingProofs && oldest !== undefined) this.#pending.delete(oldest);
  }

  /** What the next block on a state is to report; forgets what cannot be reported on it. */
  inherents(ctx: ReadCtx): InherentEntry[] {
    for (const [name, proof] of this.#pending) {
      if (reportFault(ctx, proof) === undefined) {
        return [[textBytes(equivocationInherent.identifier), encode(equivocationProof, proof)]];
      }
      this.#pending.delete(name);
    }
    return [];
  }
}
