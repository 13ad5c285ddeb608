import { compareBytes, toHex } from "../../runtime/primitives/bytes.ts";
import type { AuthorityList } from "../../runtime/primitives/grandpa.ts";

/** A voter's ed25519 key as text, so that maps can be keyed by it. */
export type VoterId = `0x${string}`;

/** Who votes and how much each weighs. */
export class VoterSet {
  /** In byte order of the keys. */
  readonly ids: readonly VoterId[];
  readonly total: bigint;
  /** The least weight that is more than two thirds of what is not faulty: total - floor((total - 1) / 3). */
  readonly threshold: bigint;
  /** The one whose vote is a supermajority by itself, if there is one: what others say changes nothing. */
  readonly decider: VoterId | undefined;
  readonly #weights: ReadonlyMap<VoterId, bigint>;

  private constructor(weights: ReadonlyMap<VoterId, bigint>) {
    this.#weights = weights;
    this.ids = [...weights.keys()];
    this.total = [...weights.values()].reduce((sum, weight) => sum + weight, 0n);
    this.threshold = this.total - (this.total - 1n) / 3n;
    this.decider = this.ids.find((id) => this.weight(id) >= this.threshold);
  }

  /** Undefined when nobody weighs anything. A key that is listed twice weighs its sum. */
  static from(authorities: AuthorityList): VoterSet | undefined {
    const weights = new Map<VoterId, bigint>();
    for (const [key, weight] of authorities.toSorted(([a], [b]) => compareBytes(a, b))) {
      if (weight > 0n) weights.set(toHex(key), (weights.get(toHex(key)) ?? 0n) + weight);
    }
    return weights.size === 0 ? undefined : new VoterSet(weights);
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: VoterId): boolean {
    return this.#weights.has(id);
  }

  /** 0 for a stranger. */
  weight(id: VoterId): bigint {
    return this.#weights.get(id) ?? 0n;
  }

  /** Of several voters together, each counted once. */
  weightOf(ids: Iterable<VoterId>): bigint {
    return [...new Set(ids)].reduce((sum, id) => sum + this.weight(id), 0n);
  }

  /** Places from the voter that leads a round to `id`: 0 for the leader itself. */
  distanceFromLeader(round: number, id: VoterId): number {
    const leader = round % this.size;
    return (this.ids.indexOf(id) - leader + this.size) % this.size;
  }
}
