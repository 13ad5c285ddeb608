import type { VoterId, VoterSet } from "../voter-set.ts";
import type { Commit } from "./commit.ts";
import type { Step } from "./step.ts";

/**
 * When to tell others of what became final: the leader of the round at once, each other voter a little later, unless
 * somebody has said as much by then.
 */
export class Telling {
  readonly #voters: VoterSet;
  readonly #patience: number;
  #next: { readonly at: number; readonly round: number; readonly commit: Commit } | undefined;

  /** `patience` in ms, the time that a message and its answer take. */
  constructor(voters: VoterSet, patience: number) {
    this.#voters = voters;
    this.#patience = patience;
  }

  get at(): number | undefined {
    return this.#next?.at;
  }

  plan(own: VoterId, round: number, commit: Commit, now: number): void {
    const distance = this.#voters.distanceFromLeader(round, own);
    const delay = distance === 0 ? 0 : this.#patience + (this.#patience * distance) / this.#voters.size;
    this.#next = { at: now + delay, round, commit };
  }

  heard(commit: Commit): void {
    if (this.#next && this.#next.commit.target.number <= commit.target.number) this.#next = undefined;
  }

  due(now: number): Step[] {
    if (!this.#next || this.#next.at > now) return [];
    const { round, commit } = this.#next;
    this.#next = undefined;
    return [{ type: "commit", round, commit }];
  }
}
