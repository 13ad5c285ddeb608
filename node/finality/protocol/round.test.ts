import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Head } from "../../chain/types.ts";
import { type ModelBlock, ModelTree, ModelView } from "../testing/model-tree.ts";
import { Oracle } from "../testing/oracle.ts";
import { type VoterId, VoterSet } from "../voter-set.ts";
import { buildCommit, judgeCommit } from "./commit.ts";
import { type Phase, Round } from "./round.ts";

const idOf = (i: number): VoterId => `0x${(i + 1).toString(16).padStart(64, "0")}`;
const setOf = (weights: readonly number[]): VoterSet =>
  VoterSet.from(weights.map((weight, i) => [Buffer.from(idOf(i).slice(2), "hex"), BigInt(weight)]))!;

const signature = new Uint8Array(64);
const headOf = ({ hash, number }: ModelBlock): Head => ({ hash, number });

/** A tree in which every block is known. */
function treeOf(parents: readonly number[]): { tree: ModelTree; view: ModelView } {
  const tree = new ModelTree();
  for (const parent of parents) tree.add(tree.blocks[parent % tree.blocks.length], false);
  const view = new ModelView(tree);
  for (const block of tree.blocks) view.learn(block);
  return { tree, view };
}

test.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [5, 4],
  [6, 5],
  [7, 5],
  [10, 7],
  [100, 67],
])("of a weight of %i, %i make a supermajority", (total, threshold) => {
  expect(setOf([total]).threshold).toBe(BigInt(threshold));
});

describe("a round by hand", () => {
  // Genesis, A .. E in a line, then E1 .. E4 on E, and F with F1 .. F3 on E, too.
  const { tree, view } = treeOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 5, 10, 11, 12]);
  const [e, e4, f, f3] = [5, 9, 10, 13].map((i) => headOf(tree.blocks[i]!)) as [Head, Head, Head, Head];
  const base = headOf(tree.blocks[3]!);
  const voters = setOf([4, 7, 3]);
  const cast = (round: Round, phase: Phase, voter: number, target: Head) =>
    round.add(phase, { voter: idOf(voter), target, signature }, view);

  test("the ghost is where the branches of the votes meet, and so is the estimate", () => {
    const round = new Round(1, base, voters);
    cast(round, "prevote", 0, f3);
    expect(round.state(view)).toMatchObject({ ghost: undefined, estimate: undefined });
    cast(round, "prevote", 1, e4);
    expect(round.state(view)).toMatchObject({ ghost: e, estimate: e, isCompletable: false });
    cast(round, "prevote", 2, f);
    expect(round.state(view)).toMatchObject({ ghost: e, estimate: e, isCompletable: false });
  });

  test("precommits make final what they have in common", () => {
    const round = new Round(1, base, voters);
    cast(round, "precommit", 0, f3);
    cast(round, "precommit", 1, e4);
    expect(round.state(view).final).toEqual(e);
    cast(round, "precommit", 2, f3);
    expect(round.state(view).final).toEqual(e);
  });

  test("who votes twice counts for both, and a third time for nothing", () => {
    const round = new Round(1, base, voters);
    expect(cast(round, "prevote", 0, f3)).toBe("counted");
    expect(cast(round, "prevote", 0, f3)).toBe("known");
    expect(cast(round, "prevote", 1, e4)).toBe("counted");
    expect(cast(round, "prevote", 0, e4)).toBe("equivocation");
    expect(cast(round, "prevote", 0, e)).toBe("known");
    expect(round.state(view).ghost).toEqual(e4);
    expect(round.prevotes.cast).toBe(11n);
  });
});

/** Weights, a tree, and votes of which some voters cast two. */
const situation = fc
  .record({
    weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 7 }),
    parents: fc.array(fc.nat(40), { minLength: 1, maxLength: 14 }),
    votes: fc.array(
      fc.record({ voter: fc.nat(6), phase: fc.constantFrom("prevote", "precommit"), block: fc.nat(40) }),
      { maxLength: 28 },
    ),
  })
  .map(({ weights, parents, votes }) => {
    const { tree, view } = treeOf(parents);
    const voters = setOf(weights);
    const said = { prevote: new Map(), precommit: new Map() } as Record<Phase, Map<VoterId, Set<ModelBlock>>>;
    const round = new Round(1, headOf(tree.genesis), voters);
    for (const { voter, phase, block } of votes as { voter: number; phase: Phase; block: number }[]) {
      const id = idOf(voter % weights.length);
      const target = tree.blocks[block % tree.blocks.length]!;
      const before = said[phase].get(id) ?? new Set();
      if (before.size < 2) said[phase].set(id, new Set([...before, target]));
      round.add(phase, { voter: id, target: headOf(target), signature }, view);
    }
    const weightOfTwice = (phase: Phase) => round.tally(phase).equivocated;
    const isTolerable = (["prevote", "precommit"] as const).every(
      (phase) => weightOfTwice(phase) <= voters.total - voters.threshold,
    );
    return { tree, view, voters, said, round, isTolerable };
  });

describe("against the paper's definitions", () => {
  test("ghosts, estimates and completability are what they say", () => {
    void fc.assert(
      fc.property(situation, ({ tree, view, voters, said, round, isTolerable }) => {
        fc.pre(isTolerable);
        const oracle = new Oracle(tree, voters);
        const { ghost, final, estimate, isCompletable } = round.state(view);
        const { prevote, precommit } = said;
        expect(ghost?.hash).toBe(oracle.ghost(prevote)?.hash);
        expect(final?.hash).toBe(oracle.ghost(precommit)?.hash);
        expect(estimate?.hash).toBe(ghost && oracle.estimate(prevote, precommit)?.hash);
        expect(isCompletable).toBe(oracle.isCompletable(prevote, precommit));
      }),
      { numRuns: 3000 },
    );
  });

  test("a commit of what is final holds for everybody, and for no block above", () => {
    void fc.assert(
      fc.property(situation, ({ tree, view, voters, round, isTolerable }) => {
        const { final } = round.state(view);
        fc.pre(isTolerable && final !== undefined);
        const commit = buildCommit(final!, round.precommits, voters, view);
        expect(judgeCommit(commit, voters, view)).toBe("valid");
        for (const block of tree.blocks) {
          if (block.hash === final!.hash) continue;
          expect(judgeCommit({ ...commit, target: headOf(block) }, voters, view)).not.toBe("valid");
        }
      }),
      { numRuns: 1000 },
    );
  });
});
