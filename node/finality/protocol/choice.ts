import type { Head } from "../../chain/types.ts";
import type { VoterId, VoterSet } from "../voter-set.ts";
import { type BlockTree, descends } from "./block-tree.ts";
import type { OpenRounds } from "./open-rounds.ts";

/** What a voter should vote for first in its round: by what the round before left open, and by the leader's hint. */
export class Choice {
  readonly #voters: VoterSet;
  readonly #tree: BlockTree;
  readonly #rounds: OpenRounds;
  /** What the leaders of the present and the next round hinted at. */
  readonly #hints = new Map<number, Head>();

  constructor(voters: VoterSet, tree: BlockTree, rounds: OpenRounds) {
    this.#voters = voters;
    this.#tree = tree;
    this.#rounds = rounds;
  }

  /** Takes the first hint of a round's leader. */
  hint(round: number, voter: VoterId, target: Head): void {
    const present = this.#rounds.current.number;
    if (this.#voters.distanceFromLeader(round, voter) !== 0 || this.#hints.has(round)) return;
    if (round !== present && round !== present + 1) return;
    for (const old of this.#hints.keys()) if (old < present) this.#hints.delete(old);
    this.#hints.set(round, target);
  }

  /** The state of the round before; where a set begins, its first block stands for everything. */
  before(finalized: Head): { readonly ghost: Head; readonly estimate: Head } {
    const { last, current } = this.#rounds;
    const { ghost, estimate } = last?.state(this.#tree) ?? {};
    return { ghost: ghost ?? current.base, estimate: estimate ?? finalized };
  }

  /** Whether the round before may have made more final than is known. */
  isOpen(finalized: Head): boolean {
    return this.before(finalized).estimate.number > finalized.number;
  }

  /** The best chain with all that may have become final, and with the leader's block if the last round allows it. */
  best(finalized: Head): Head | undefined {
    const { ghost, estimate } = this.before(finalized);
    const floor = estimate.number > finalized.number ? estimate : finalized;
    const hint = this.#hints.get(this.#rounds.current.number);
    const isAllowed = hint && descends(this.#tree, hint, floor) && descends(this.#tree, ghost, hint);
    return this.#tree.bestAbove(isAllowed ? hint.hash : floor.hash);
  }

  /** The same where voting is of use: something is new, or the last round left something open. */
  useful(finalized: Head): Head | undefined {
    const best = this.best(finalized);
    return best && (this.isOpen(finalized) || best.number > finalized.number) ? best : undefined;
  }

  /** Whether waiting brings nothing: all who count were heard in the last round, and it made all final that it could. */
  get isAllHeard(): boolean {
    if (this.#voters.decider !== undefined) return true;
    const { last } = this.#rounds;
    if (last?.precommits.cast !== this.#voters.total) return false;
    const { ghost, final } = last.state(this.#tree);
    return ghost !== undefined && final?.hash === ghost.hash;
  }
}
