import type { Head } from "../../chain/types.ts";
import type { VoterSet } from "../voter-set.ts";
import { type BlockTree, descends } from "./block-tree.ts";
import { Round } from "./round.ts";
import type { CompleteRound } from "./voter-options.ts";

/** The rounds in which votes still count: the present one, the one before, and the one to come. */
export class OpenRounds {
  readonly #voters: VoterSet;
  readonly #tree: BlockTree;
  /** Complete; a set begins without. */
  last: Round | undefined;
  current: Round;
  /** Voters who are ahead of this node vote in it already. */
  next: Round;

  /** Goes on after `last`, with blocks that stand on `base`. */
  constructor(voters: VoterSet, tree: BlockTree, base: Head, last: CompleteRound | undefined) {
    this.#voters = voters;
    this.#tree = tree;
    this.current = new Round((last?.round ?? 0) + 1, base, voters);
    this.next = new Round(this.current.number + 1, base, voters);
    this.last = last && this.rebuild(last, base);
  }

  /** By number; undefined for one that is not open. */
  find(number: number): Round | undefined {
    return [this.current, this.next, this.last].find((round) => round?.number === number);
  }

  /** Begins the round after a complete one. */
  begin(last: Round, base: Head): void {
    const number = last.number + 1;
    this.last = last;
    this.current = this.next.number === number ? this.next : new Round(number, base, this.#voters);
    this.next = new Round(number + 1, base, this.#voters);
  }

  /** A round made of votes that others counted, and of those that were counted here; from its base, if that is final. */
  rebuild({ round, base, prevotes, precommits }: CompleteRound, finalized: Head): Round {
    const isFinal = descends(this.#tree, finalized, base);
    const rebuilt = new Round(round, isFinal ? base : finalized, this.#voters);
    const known = this.find(round);
    for (const vote of [...prevotes, ...(known?.prevotes.all() ?? [])])
      rebuilt.add("prevote", vote, this.#tree);
    for (const vote of [...precommits, ...(known?.precommits.all() ?? [])]) {
      rebuilt.add("precommit", vote, this.#tree);
    }
    return rebuilt;
  }

  /** All votes of the last round, for those who are behind. */
  complete(): CompleteRound | undefined {
    const { last } = this;
    if (!last) return undefined;
    const { number: round, base, prevotes, precommits } = last;
    return { round, base, prevotes: prevotes.all(), precommits: precommits.all() };
  }
}
