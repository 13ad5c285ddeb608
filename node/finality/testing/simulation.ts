/**
 * Many voters of the real protocol on a model of everything around it: blocks that fork, a network that loses,
 * delays, doubles and reorders messages and falls apart, nodes that end and come back, and liars of less than a third
 * of the weight. Everything follows from a seed.
 */
import type { Head } from "../../chain/types.ts";
import type { Commit } from "../protocol/commit.ts";
import type { Phase } from "../protocol/round.ts";
import type { Step } from "../protocol/step.ts";
import type { SignedVote } from "../protocol/tally.ts";
import { Voter } from "../protocol/voter.ts";
import type { CompleteRound, OwnVotes } from "../protocol/voter-options.ts";
import { type VoterId, VoterSet } from "../voter-set.ts";
import { Waiting } from "../waiting.ts";
import { type ModelBlock, ModelTree, ModelView } from "./model-tree.ts";
import { Random } from "./random.ts";

type Message = { readonly set: number } & (
  | { readonly type: "vote"; readonly round: number; readonly phase: Phase; readonly vote: SignedVote }
  | { readonly type: "propose"; readonly round: number; readonly voter: VoterId; readonly target: Head }
  | { readonly type: "commit"; readonly round: number; readonly commit: Commit }
  | { readonly type: "complete"; readonly complete: CompleteRound }
);

interface Event {
  readonly at: number;
  readonly order: number;
  run(): void;
}

const gossipMs = 100;
const blockMs = 600;

export interface SimulationOptions {
  readonly seed: number;
  /** While everything goes wrong, and then while messages flow, in ms. */
  readonly chaosMs: number;
  readonly calmMs: number;
}

export interface SimulationResult {
  /** What must never be: undefined if it was not. */
  readonly fault: string | undefined;
  /** Height of the lowest honest node's final block, and of the highest block when the calm began. */
  readonly finalized: number;
  readonly headAtCalm: number;
  readonly sets: number;
  readonly equivocations: number;
}

export function simulate(options: SimulationOptions): SimulationResult {
  return new Simulation(options).run();
}

class Simulation {
  readonly random: Random;
  readonly tree = new ModelTree();
  readonly nodes: HonestNode[] = [];
  readonly #options: SimulationOptions;
  readonly #liars: VoterId[] = [];
  readonly #sets: VoterSet[] = [];
  /** Votes that liars can show again or put into commits. */
  readonly #heard: Extract<Message, { type: "vote" }>[] = [];
  #events: Event[] = [];
  #order = 0;
  now = 0;
  fault: string | undefined;
  equivocations = 0;
  /** Sides of a partition; nodes of one side hear each other. */
  #sides: readonly number[] = [];
  #highest: ModelBlock;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.#highest = this.tree.genesis;
    const count = this.random.whole(4, 10);
    const liars = this.random.whole(0, Math.floor((count - 1) / 3));
    for (let i = 0; i < count; i++) {
      const id: VoterId = `0x${(i + 1).toString(16).padStart(64, "0")}`;
      if (i < liars) this.#liars.push(id);
      else this.nodes.push(new HonestNode(this, id));
    }
  }

  /** The voters of a set: random weights, of which liars have less than a third. */
  voters(set: number): VoterSet {
    while (this.#sets.length <= set) {
      const honest = this.nodes.map(({ id }) => [id, BigInt(this.random.whole(1, 20))] as const);
      let left = (honest.reduce((sum, [, weight]) => sum + weight, 0n) - 1n) / 2n;
      const liars = this.#liars.map((id) => {
        const weight = BigInt(this.random.whole(1, 20));
        const fitting = weight < left ? weight : left;
        left -= fitting;
        return [id, fitting] as const;
      });
      const key = (id: VoterId) => Buffer.from(id.slice(2), "hex");
      this.#sets.push(VoterSet.from([...honest, ...liars].map(([id, weight]) => [key(id), weight]))!);
    }
    return this.#sets[set]!;
  }

  get isCalm(): boolean {
    return this.now >= this.#options.chaosMs;
  }

  run(): SimulationResult {
    const { chaosMs, calmMs } = this.#options;
    for (const node of this.nodes) node.begin();
    this.at(blockMs, () => this.#makeBlocks());
    this.at(this.random.whole(100, 2000), () => this.#part());
    for (const liar of this.#liars) this.at(this.random.whole(0, 300), () => this.#lie(liar));
    for (const node of this.nodes) this.at(this.random.whole(300, 900), () => this.#ask(node));
    let headAtCalm = 0;
    this.at(chaosMs, () => {
      this.#sides = [];
      headAtCalm = this.#highest.number;
      for (const node of this.nodes) for (const block of this.tree.blocks) node.learn(block);
    });
    while (this.fault === undefined) {
      const event = this.#take();
      if (!event || event.at > chaosMs + calmMs) break;
      this.now = event.at;
      event.run();
    }
    this.#checkAgreement();
    return {
      fault: this.fault,
      finalized: Math.min(...this.nodes.map((node) => node.view.finalized.number)),
      headAtCalm,
      sets: this.#sets.length,
      equivocations: this.equivocations,
    };
  }

  at(delay: number, run: () => void): void {
    const event = { at: this.now + delay, order: this.#order++, run };
    this.#events.push(event);
    // A binary heap.
    for (let i = this.#events.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!isBefore(this.#events[i]!, this.#events[parent]!)) break;
      [this.#events[i], this.#events[parent]] = [this.#events[parent]!, this.#events[i]!];
      i = parent;
    }
  }

  /** To all others, as the network happens to be. */
  broadcast(from: number, message: Message): void {
    if (message.type === "vote" && this.#heard.length < 5000) this.#heard.push(message);
    for (let to = 0; to < this.nodes.length; to++) if (to !== from) this.#send(from, to, message);
  }

  final(node: HonestNode, block: ModelBlock): void {
    const { finalized } = node.view;
    if (!this.tree.descends(block, finalized)) this.fault = `${finalized.number} was reverted`;
  }

  /** Liars (-1) are on all sides of a partition. */
  #send(from: number, to: number, message: Message): void {
    if (from >= 0 && this.#sides.length > 0 && this.#sides[from] !== this.#sides[to]) return;
    const copies = this.isCalm ? 1 : this.random.chance(0.2) ? 0 : this.random.chance(0.1) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const isLate = !this.isCalm && this.random.chance(0.1);
      const delay = this.random.whole(1, isLate ? 3000 : gossipMs);
      this.at(delay, () => this.nodes[to]!.take(message));
    }
  }

  #makeBlocks(): void {
    const makers = this.isCalm || this.random.chance(0.7) ? 1 : 2;
    for (let i = 0; i < makers; i++) {
      const maker = this.random.pick(this.nodes);
      // Mostly on the best block, sometimes on one behind it.
      let parent = maker.best();
      while (!this.isCalm && this.random.chance(0.15) && parent !== maker.view.finalized)
        parent = parent.parent!;
      const block = this.tree.add(parent, this.random.chance(0.08));
      if (block.number > this.#highest.number) this.#highest = block;
      for (const [to, node] of this.nodes.entries()) {
        const isApart = this.#sides.length > 0 && this.#sides[to] !== this.#sides[this.nodes.indexOf(maker)];
        if (isApart) continue;
        this.at(node === maker ? 0 : this.random.whole(1, this.isCalm ? 50 : 1500), () => node.learn(block));
      }
    }
    this.at(blockMs, () => this.#makeBlocks());
  }

  /** Falls apart, or comes together. */
  #part(): void {
    if (this.isCalm) return;
    const isWhole = this.random.chance(0.5);
    this.#sides = isWhole ? [] : this.nodes.map(() => this.random.whole(0, 1));
    if (this.random.chance(0.3)) this.random.pick(this.nodes).restart();
    this.at(this.random.whole(500, 4000), () => this.#part());
  }

  /** A liar says something: votes for anything to anybody, twice, or again; commits made up of what was heard. */
  #lie(voter: VoterId): void {
    const aim = this.random.pick(this.nodes);
    const set = this.random.chance(0.9) ? aim.set : this.random.whole(0, this.#sets.length - 1);
    const round = Math.max(1, aim.round + this.random.whole(-2, 1));
    if (this.random.chance(0.5)) this.#split(voter, aim.set, aim.round);
    for (let i = this.random.whole(0, 3); i > 0; i--) {
      const message = this.#falseMessage(voter, set, round);
      for (const [to] of this.nodes.entries()) if (this.random.chance(0.6)) this.#send(-1, to, message);
    }
    this.at(this.random.whole(20, 400), () => this.#lie(voter));
  }

  /** Tells one half this and the other half that, of two branches where there are two. */
  #split(voter: VoterId, set: number, round: number): void {
    const [one, other] = [this.random.pick(this.#recent), this.random.pick(this.#recent)];
    const isToOne = this.nodes.map((_, i) => (this.#sides[i] ?? this.random.whole(0, 1)) === 0);
    for (const phase of ["prevote", "precommit"] as const) {
      for (const to of this.nodes.keys()) {
        const vote: SignedVote = { voter, target: isToOne[to] ? one : other, signature };
        this.#send(-1, to, { type: "vote", set, round, phase, vote });
      }
    }
  }

  get #recent(): readonly ModelBlock[] {
    return this.tree.blocks.slice(-12);
  }

  #falseMessage(voter: VoterId, set: number, round: number): Message {
    const target = this.random.pick(this.#recent);
    const vote: SignedVote = { voter, target, signature };
    const kind = this.random.next();
    if (kind < 0.1 && this.#heard.length > 0) return this.random.pick(this.#heard);
    if (kind < 0.2) return { type: "propose", set, round, voter, target };
    if (kind < 0.3) {
      const votes = this.#heard
        .filter((one) => one.set === set && one.round === round && one.phase === "precommit")
        .slice(-20);
      const precommits = [...votes.map((one) => one.vote), vote];
      return { type: "commit", set, round, commit: { target, precommits } };
    }
    return { type: "vote", set, round, phase: this.random.chance(0.5) ? "prevote" : "precommit", vote };
  }

  /** A node asks another for what it lacks, as nodes do that are stuck or behind. */
  #ask(node: HonestNode): void {
    const index = this.nodes.indexOf(node);
    const other = this.random.whole(0, this.nodes.length - 1);
    if (other !== index)
      for (const message of this.nodes[other]!.answer(node)) this.#send(other, index, message);
    this.at(this.random.whole(300, 900), () => this.#ask(node));
  }

  #checkAgreement(): void {
    for (const a of this.nodes) {
      for (const b of this.nodes) {
        const [low, high] = [a.view.finalized, b.view.finalized].sort((x, y) => x.number - y.number);
        if (!this.tree.descends(high!, low!)) this.fault ??= `${low!.hash} and ${high!.hash} are both final`;
      }
    }
  }

  #take(): Event | undefined {
    const [first] = this.#events;
    const last = this.#events.pop();
    if (!first || !last || first === last) return first;
    this.#events[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        const event = this.#events[child];
        if (event && isBefore(event, this.#events[least]!)) least = child;
      }
      if (least === i) return first;
      [this.#events[i], this.#events[least]] = [this.#events[least]!, this.#events[i]!];
      i = least;
    }
  }
}

/** Signatures are not looked at here; whoever counts votes has them checked before. */
const signature = new Uint8Array(64);

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A node that keeps the rules. What it keeps through a restart is what the real one has on disk. */
class HonestNode {
  readonly id: VoterId;
  readonly view: ModelView;
  readonly #world: Simulation;
  #voter: Voter | undefined;
  #waiting = new Waiting();
  #saved: { set: number; last: CompleteRound | undefined; voted: OwnVotes; votes: Message[] } | undefined;
  #lastCommit: Extract<Message, { type: "commit" }>[] = [];
  #wakesAt = -1;
  #generation = 0;
  set = 0;

  constructor(world: Simulation, id: VoterId) {
    this.#world = world;
    this.id = id;
    this.view = new ModelView(world.tree);
  }

  get round(): number {
    return this.#voter?.round ?? 0;
  }

  get #index(): number {
    return this.#world.nodes.indexOf(this);
  }

  best(): ModelBlock {
    let best = this.view.finalized;
    for (const block of this.#world.tree.blocks) {
      const isKnown = this.view.numberOf(block.hash) !== undefined;
      if (isKnown && block.number > best.number && this.#world.tree.descends(block, best)) best = block;
    }
    return best;
  }

  /** Votes in the set of the final block from now on, where it was in it. */
  begin(): void {
    this.set = this.view.finalized.setAfter;
    const saved = this.#saved?.set === this.set ? this.#saved : undefined;
    this.#waiting = new Waiting();
    this.#voter = new Voter({
      voters: this.#world.voters(this.set),
      tree: this.view,
      finalized: this.view.finalized,
      own: () => this.id,
      gossipMs,
      now: this.#world.now,
      last: saved?.last,
      voted: saved?.voted,
    });
    this.#generation++;
    for (const message of saved?.votes ?? []) {
      this.take(message);
      this.#world.broadcast(this.#index, message);
    }
    this.#run();
  }

  /** Forgets all that is not on disk. */
  restart(): void {
    this.begin();
  }

  learn(block: ModelBlock): void {
    this.view.learn(block);
    const known = (hash: Head["hash"]): boolean => this.view.numberOf(hash) !== undefined;
    const { votes, commits } = this.#waiting.release(known, this.round - 1);
    for (const { round, phase, vote } of votes) this.#voter!.addVote(round, phase, vote);
    for (const { round, commit } of commits) this.#takeCommit(round, commit);
    this.#run();
  }

  take(message: Message): void {
    if (message.set !== this.set || !this.#voter) return;
    const known = (hash: Head["hash"]): boolean => this.view.numberOf(hash) !== undefined;
    switch (message.type) {
      case "vote": {
        const { round, phase, vote } = message;
        if (Math.abs(round - this.round) > 1) return;
        if (known(vote.target.hash)) this.#voter.addVote(round, phase, vote);
        else this.#waiting.addVote({ round, phase, vote });
        break;
      }
      case "propose":
        this.#voter.addProposal(message.round, message.voter, message.target);
        break;
      case "commit":
        this.#takeCommit(message.round, message.commit);
        break;
      case "complete": {
        const { prevotes, precommits } = message.complete;
        if ([...prevotes, ...precommits].every((vote) => known(vote.target.hash))) {
          this.#voter.addCompleteRound(message.complete);
        }
        break;
      }
    }
    this.#run();
  }

  /** What this node would answer to another that asks. */
  answer(other: HonestNode): Message[] {
    const commits = this.#lastCommit.filter(
      ({ set, commit }) => set >= other.set && commit.target.number > other.view.finalized.number,
    );
    if (other.set !== this.set) return commits.slice(0, 2);
    const { set } = this;
    const complete = this.#voter!.completeRound();
    const votes = this.#voter!.rounds.flatMap((round) =>
      (["prevote", "precommit"] as const).flatMap((phase) =>
        round
          .tally(phase)
          .all()
          .map((vote) => ({ type: "vote", set, round: round.number, phase, vote }) as const),
      ),
    );
    return [
      ...commits.slice(-1),
      ...(complete ? [{ type: "complete", set, complete } as const] : []),
      ...votes,
    ];
  }

  #takeCommit(round: number, commit: Commit): void {
    if (this.#voter!.addCommit(round, commit) === "unknownBlock") this.#waiting.addCommit({ round, commit });
  }

  #run(): void {
    const generation = this.#generation;
    for (;;) {
      const steps = this.#voter!.advance(this.#world.now);
      if (steps.length === 0) break;
      for (const step of steps) {
        this.#do(step);
        // The set has changed: what was decided in the old one is void.
        if (generation !== this.#generation) return;
      }
    }
    const at = this.#voter!.wakeAt(this.#world.now);
    if (at === undefined || at === this.#wakesAt) return;
    this.#wakesAt = at;
    this.#world.at(at - this.#world.now, () => this.#run());
  }

  #do(step: Step): void {
    const { set } = this;
    switch (step.type) {
      case "vote": {
        const { round, phase, target } = step;
        const vote: SignedVote = { voter: this.id, target, signature };
        const message: Message = { type: "vote", set, round, phase, vote };
        this.#save(round, phase, target, message);
        this.#voter!.addVote(round, phase, vote);
        this.#world.broadcast(this.#index, message);
        return;
      }
      case "propose":
        this.#world.broadcast(this.#index, { ...step, set, voter: this.id });
        return;
      case "finalize": {
        const block = this.#world.tree.byHash.get(step.commit.target.hash)!;
        this.#world.final(this, block);
        this.view.finalized = block;
        const isEnd = block.setAfter !== set;
        const kept = this.#lastCommit.filter((one) => one.set < set);
        this.#lastCommit = [...kept, { type: "commit", set, round: step.round, commit: step.commit }];
        if (isEnd) this.begin();
        return;
      }
      case "commit":
        this.#world.broadcast(this.#index, { ...step, set });
        return;
      case "equivocation":
        this.#world.equivocations++;
        if (this.#world.nodes.some(({ id }) => id === step.voter)) {
          this.#world.fault = `the honest ${step.voter} voted twice in round ${step.round} of set ${set}`;
        }
        return;
      case "contradiction":
        this.#world.fault = `block ${step.commit.target.hash} contradicts what is final`;
    }
  }

  #save(round: number, phase: Phase, target: Head, message: Message): void {
    const { set } = this;
    const before = this.#saved;
    if (before && (before.set > set || (before.set === set && before.voted.round > round))) {
      this.#world.fault = `${this.id} went back to round ${round}`;
    }
    const isSame = before?.set === set && before.voted.round === round;
    this.#saved = {
      set,
      last: isSame ? before.last : this.#voter!.completeRound(),
      voted: { ...(isSame ? before.voted : { round }), [phase]: target },
      votes: [...(isSame ? before.votes : []), message],
    };
  }
}
