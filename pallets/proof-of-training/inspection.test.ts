import { describe, expect, test } from "vitest";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import { freeBalance, totalIssuance } from "../balances/index.ts";
import { storage as score } from "../compute-score/index.ts";
import { storage as marketplace } from "../marketplace/index.ts";
import { assertMarket } from "../marketplace/testing/invariants.ts";
import {
  acceptDirect,
  accepts,
  awaitDraw,
  buyer,
  commit,
  endowment,
  faults,
  judge,
  market,
  nextBlock,
  noop,
  ok,
  panel,
  passDeadline,
  potCall,
  proof,
  prove,
  rejects,
  reveal,
  salt,
  stranger,
  train,
  trainer,
} from "../marketplace/testing/market.ts";
import { authorities, planGenesis, storage as poh } from "../poh/index.ts";
import { blockNumber } from "../system/index.ts";
import { happened, MAI, person } from "../testing/chain.ts";
import { storage as staking } from "../trainer-staking/index.ts";
import { storage, type Verdict, verdictHash } from "./index.ts";
import { assertInspections } from "./testing/invariants.ts";

const bonded = endowment - 1_000n * MAI;
/** A third of the price each. */
const inspectionBond = (100n * MAI) / 3n;
const free = (chain: TestChain, who: Uint8Array) => freeBalance(chain.ctx, who);
const gain = (chain: TestChain, who: Uint8Array) => free(chain, who) - bonded;
const check = ({ ctx }: TestChain) => {
  assertMarket(ctx);
  assertInspections(ctx);
};
const outcome = (chain: TestChain, id: number) => marketplace.Ended.get(chain.ctx, id)?.outcome;
const appeal = (order: number) => potCall("appeal", { order });
const submitClaim = (order: number) =>
  potCall("submit_proof", { order, package: { type: "Fault", value: "Unreachable" } });
/** The last event of a name. */
const last = (chain: TestChain, name: string) =>
  happened(chain.ctx)
    .filter(([found]) => found === name)
    .at(-1)?.[1];

describe("drawing", () => {
  test("waits for randomness that nobody knew, spares the parties, and holds bonds", () => {
    const chain = market(5);
    const { ctx } = chain;
    const id = train(chain);
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
    nextBlock(chain);
    expect(storage.Inspections.get(ctx, id)!.seats).toEqual([]);
    nextBlock(chain);
    const inspectors = panel(ctx, id);
    expect(inspectors).toHaveLength(3);
    for (const who of inspectors) {
      expect(who).not.toEqual(trainer(0));
      expect(gain(chain, who)).toBe(-inspectionBond);
    }
    expect(last(chain, "ProofOfTraining.InspectorsDrawn")).toEqual({
      order: id,
      round: 0,
      inspectors,
      bond: inspectionBond,
      challenge: storage.Inspections.get(ctx, id)!.challenge,
      commit_by: blockNumber(ctx) + 600,
      release_by: undefined,
    });
    check(chain);
  });

  test("passes by those who rest or lack the bond; fewer than wanted make a smaller odd panel", () => {
    const chain = market(5);
    const { ctx } = chain;
    const id = train(chain);
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
    staking.Trainers.mutateExists(ctx, trainer(1), (t) => t && { ...t, chilled: true });
    const all = free(chain, trainer(2)) - inspectionBond - 100_000_000_000n;
    ok(chain, trainer(2), {
      type: "Balances",
      value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: stranger }, value: all } },
    });
    awaitDraw(chain);
    expect(panel(ctx, id)).toHaveLength(1);
    expect([trainer(3), trainer(4)]).toContainEqual(panel(ctx, id)[0]);
    check(chain);
  });

  test("a trainer without a score is drawn only where there are too few with one", () => {
    const chain = market(6);
    const { ctx } = chain;
    const weight = (who: Uint8Array) => ([2, 3].includes(who[0]!) ? 5n : 0n);
    planGenesis(
      ctx,
      authorities(ctx).map((entry) => ({ ...entry, weight: weight(entry.trainer) })),
    );
    const id = prove(chain);
    const seated = panel(ctx, id).map((who) => who[0]);
    expect(seated).toHaveLength(3);
    expect(seated.slice(0, 2).toSorted()).toEqual([2, 3]);
  });

  test("where nobody can inspect, it is tried once more and then everybody has everything back", () => {
    const chain = market(5);
    const { ctx } = chain;
    const id = train(chain);
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
    for (const [who] of staking.Trainers.iterate(ctx)) {
      staking.Trainers.mutateExists(ctx, who, (t) => t && { ...t, chilled: true });
    }
    awaitDraw(chain);
    expect(storage.Inspections.get(ctx, id)).toMatchObject({ phase: "Drawing", extended: true });
    check(chain);
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Inconclusive");
    expect(free(chain, buyer)).toBe(endowment);
    expect(gain(chain, trainer(0))).toBe(0n);
    check(chain);
  });

  test("one that can inspect again when it is tried once more does", () => {
    const chain = market(5);
    const { ctx } = chain;
    const id = train(chain);
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
    const list = poh.Authorities.get(ctx);
    poh.Authorities.set(ctx, []);
    awaitDraw(chain);
    poh.Authorities.set(ctx, list);
    passDeadline(chain, id);
    expect(panel(ctx, id)).toHaveLength(3);
    expect(marketplace.Orders.get(ctx, id)?.state).toBe("Inspecting");
  });
});

describe("committing and revealing", () => {
  test("is for inspectors, once each, in its phase, in time", () => {
    const chain = market();
    const { ctx } = chain;
    const id = prove(chain);
    const [a, b, c] = panel(ctx, id) as [Uint8Array, Uint8Array, Uint8Array];
    const outsider = [1, 2, 3, 4].map(trainer).find((who) => ![a, b, c].some((i) => i[0] === who[0]))!;
    noop(chain, outsider, commit(id, outsider, accepts), "ProofOfTraining.NotInspector");
    noop(chain, buyer, commit(id, buyer, accepts), "ProofOfTraining.NotInspector");
    noop(chain, trainer(0), commit(id, trainer(0), accepts), "ProofOfTraining.NotInspector");
    noop(chain, a, commit(99, a, accepts), "Marketplace.NoOrder");
    noop(chain, a, reveal(id, accepts), "ProofOfTraining.WrongPhase");
    ok(chain, a, commit(id, a, accepts));
    noop(chain, a, commit(id, a, rejects), "ProofOfTraining.AlreadyCommitted");
    // B copies A's commitment, which it cannot open.
    ok(chain, b, commit(id, a, accepts));
    passDeadline(chain, id);
    expect(storage.Inspections.get(ctx, id)?.phase).toBe("Revealing");
    noop(chain, c, commit(id, c, accepts), "ProofOfTraining.WrongPhase");
    noop(chain, c, reveal(id, accepts), "ProofOfTraining.NotCommitted");
    noop(chain, b, reveal(id, accepts), "ProofOfTraining.WrongOpening");
    noop(chain, a, reveal(id, rejects), "ProofOfTraining.WrongOpening");
    noop(
      chain,
      a,
      potCall("reveal_verdict", { order: id, verdict: accepts, salt: person(56) }),
      "ProofOfTraining.WrongOpening",
    );
    noop(chain, outsider, reveal(id, accepts), "ProofOfTraining.NotInspector");
    ok(chain, a, reveal(id, accepts));
    expect(last(chain, "ProofOfTraining.VerdictRevealed")).toEqual({
      order: id,
      inspector: a,
      round: 0,
      verdict: accepts,
      hash: verdictHash(accepts),
    });
    noop(chain, a, reveal(id, accepts), "ProofOfTraining.AlreadyRevealed");
    const order = marketplace.Orders.get(ctx, id)!;
    marketplace.Orders.set(ctx, id, { ...order, deadline: blockNumber(ctx) - 1 });
    noop(chain, b, reveal(id, accepts), "Marketplace.DeadlinePassed");
  });

  test("needs a proof", () => {
    const chain = market();
    const id = train(chain);
    noop(chain, trainer(1), commit(id, trainer(1), accepts), "ProofOfTraining.NoInspection");
  });

  const finding = accepts.findings[0]!;
  const bad = { ...finding, value: -1n, passed: false };
  test.each<[string, string, Partial<Verdict>]>([
    ["a number that does not hold", "InconsistentVerdict", { findings: [{ ...finding, value: -1n }] }],
    [
      "a number that does",
      "InconsistentVerdict",
      { ruling: "Rejected", findings: [{ ...finding, passed: false }] },
    ],
    ["acceptance with a failure", "InconsistentVerdict", { findings: [...accepts.findings, bad] }],
    ["acceptance without work", "InconsistentVerdict", { flop: 0n }],
    ["rejection without a failure", "InconsistentVerdict", { ruling: "Rejected" }],
    ["a fault without its name", "InconsistentVerdict", { ruling: "Faulted" }],
    ["a name without a fault", "InconsistentVerdict", { fault: "BadData" }],
    ["nothing looked at", "IncompleteVerdict", { findings: [] }],
    [
      "no re-execution",
      "IncompleteVerdict",
      { findings: accepts.findings.filter(({ rule }) => rule !== "ReExecution") },
    ],
  ])("refuses %s", (_, error, change) => {
    const chain = market();
    const id = prove(chain);
    const [a, ...others] = panel(chain.ctx, id) as [Uint8Array, Uint8Array, Uint8Array];
    const verdict = { ...accepts, ...change };
    ok(chain, a, commit(id, a, verdict));
    for (const who of others) ok(chain, who, commit(id, who, accepts));
    noop(chain, a, reveal(id, verdict), `ProofOfTraining.${error}`);
  });

  test("rule 1 counts as met where the buyer has not released its data", () => {
    const rule1 = {
      rule: "Rule1",
      number: 0,
      value: 2n,
      relation: "AtMost",
      threshold: 1n,
      passed: false,
    } as const;
    const failsRule1: Verdict = { ...rejects, findings: [rule1] };
    for (const isReleased of [false, true]) {
      const chain = market();
      const id = prove(chain, { validation: "Released" });
      if (isReleased) ok(chain, buyer, potCall("release_validation", { order: id, uri: Uint8Array.of(1) }));
      const inspectors = panel(chain.ctx, id);
      for (const who of inspectors) ok(chain, who, commit(id, who, failsRule1));
      if (isReleased) ok(chain, inspectors[0]!, reveal(id, failsRule1));
      else noop(chain, inspectors[0]!, reveal(id, failsRule1), "ProofOfTraining.RuleForfeited");
    }
  });

  test("numbers at the ends of their range are told as they are", () => {
    const chain = market();
    const id = prove(chain);
    const extreme: Verdict = {
      ...accepts,
      findings: accepts.findings.map((found) => {
        return { ...found, value: 2n ** 127n - 1n, threshold: -(2n ** 127n) };
      }),
      flop: 2n ** 128n - 1n,
    };
    judge(chain, id, [extreme, extreme, extreme]);
    passDeadline(chain, id);
    // No more work counts than was ordered.
    expect(score.Scores.get(chain.ctx, trainer(0)).training.total).toBe(100_000_000n);
  });
});

describe("rulings", () => {
  test("accepted by all: trainer, inspectors and burning add up", () => {
    const chain = market();
    const before = totalIssuance(chain.ctx);
    const id = prove(chain);
    const inspectors = panel(chain.ctx, id);
    judge(chain, id, [accepts, accepts, accepts]);
    expect(last(chain, "ProofOfTraining.ProofAccepted")).toMatchObject({
      votes: 3,
      seats: 3,
      flop: accepts.flop,
    });
    check(chain);
    passDeadline(chain, id);
    expect(gain(chain, trainer(0))).toBe(98n * MAI);
    for (const who of inspectors) expect(gain(chain, who)).toBe(MAI);
    expect(before - totalIssuance(chain.ctx)).toBe(2n * MAI);
    expect(marketplace.Totals.get(chain.ctx)).toMatchObject({
      completed: 1,
      paid: 98n * MAI,
      burned: 2n * MAI,
      inspected: 3n * MAI,
      work: 100_000_000n,
    });
    expect(marketplace.TrainerRecords.get(chain.ctx, trainer(0))).toMatchObject({
      completed: 1,
      work: 100_000_000n,
    });
    check(chain);
  });

  test("rejected: half of the bond to the buyer, a quarter to inspectors, a quarter burned", () => {
    const chain = market();
    const before = totalIssuance(chain.ctx);
    const id = prove(chain);
    const inspectors = panel(chain.ctx, id);
    judge(chain, id, [rejects, rejects, rejects]);
    expect(last(chain, "ProofOfTraining.ProofRejected")).toMatchObject({
      order: id,
      rule: "Rule5",
      number: 1,
      value: 30_000_000n,
      threshold: 20_000_000n,
      votes: 3,
    });
    passDeadline(chain, id);
    const share = (25n * MAI) / 3n;
    expect(gain(chain, trainer(0))).toBe(-100n * MAI);
    expect(free(chain, buyer)).toBe(endowment + 50n * MAI);
    for (const who of inspectors) expect(gain(chain, who)).toBe(share);
    expect(before - totalIssuance(chain.ctx)).toBe(50n * MAI - 3n * share);
    expect(last(chain, "TrainerStaking.Slashed")).toMatchObject({
      trainer: trainer(0),
      reason: "ProofRejected",
      subject: { type: "Order", value: id },
      amount: 100n * MAI,
      evidence: verdictHash(rejects),
    });
    expect(score.Scores.get(chain.ctx, trainer(0)).training.total).toBe(0n);
    expect(outcome(chain, id)).toBe("Rejected");
    check(chain);
  });

  test("who contradicts the majority loses its bond, who is silent a quarter", () => {
    const chain = market(10);
    const id = prove(chain, { inspectors: 5, inspection_fee: 5n * MAI });
    const bond = 20n * MAI;
    const inspectors = panel(chain.ctx, id);
    judge(chain, id, [accepts, accepts, accepts, rejects, undefined]);
    expect(marketplace.Orders.get(chain.ctx, id)?.state).toBe("Judged");
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Completed");
    expect(inspectors.map((who) => gain(chain, who))).toEqual([MAI, MAI, MAI, -bond, -bond / 4n]);
    // Two fees are the buyer's again.
    expect(free(chain, buyer)).toBe(endowment - 103n * MAI);
    check(chain);
  });

  test("a committed verdict that is not revealed is silence", () => {
    const chain = market();
    const id = prove(chain);
    const [a, b, c] = panel(chain.ctx, id) as [Uint8Array, Uint8Array, Uint8Array];
    for (const who of [a, b, c]) ok(chain, who, commit(id, who, accepts));
    for (const who of [a, b]) ok(chain, who, reveal(id, accepts));
    passDeadline(chain, id);
    passDeadline(chain, id);
    expect(gain(chain, c)).toBe(-inspectionBond / 4n);
    expect(outcome(chain, id)).toBe("Completed");
  });

  test("the work credited is the median of the counts, over the time of the training", () => {
    const chain = market();
    const id = prove(chain);
    const count = (uut: bigint): Verdict => ({ ...accepts, flop: uut * 432_000n });
    judge(chain, id, [count(5n), count(70n), count(6n)]);
    passDeadline(chain, id);
    expect(score.Scores.get(chain.ctx, trainer(0)).training.total).toBe(6n);
    const credited = last(chain, "ComputeScore.Credited") as { start: bigint; end: bigint };
    // Twelve checkpoints, a block each.
    expect(credited.end - credited.start).toBe(72_000n);
  });
});

describe("outages and splits", () => {
  test("a window in which more than half are silent is extended, once", () => {
    const chain = market();
    const { ctx } = chain;
    const id = prove(chain);
    const [a, b] = panel(ctx, id) as [Uint8Array, Uint8Array];
    ok(chain, a, commit(id, a, accepts));
    passDeadline(chain, id);
    expect(last(chain, "ProofOfTraining.WindowExtended")).toMatchObject({
      silent: 2,
      until: blockNumber(ctx) + 599,
    });
    check(chain);
    ok(chain, b, commit(id, b, accepts));
    passDeadline(chain, id);
    expect(storage.Inspections.get(ctx, id)).toMatchObject({ phase: "Revealing", extended: false });
    ok(chain, a, reveal(id, accepts));
    passDeadline(chain, id);
    expect(storage.Inspections.get(ctx, id)).toMatchObject({ phase: "Revealing", extended: true });
    ok(chain, b, reveal(id, accepts));
    expect(marketplace.Orders.get(ctx, id)?.state).toBe("Judged");
    check(chain);
  });

  test("a panel that says nothing is followed by another, then all have everything back", () => {
    const chain = market();
    const { ctx } = chain;
    const id = prove(chain);
    const first = panel(ctx, id);
    passDeadline(chain, id);
    passDeadline(chain, id);
    expect(storage.Inspections.get(ctx, id)).toMatchObject({ phase: "Drawing", round: 1 });
    awaitDraw(chain);
    const second = panel(ctx, id);
    for (const who of second) expect(first.map((i) => i[0])).not.toContain(who[0]);
    check(chain);
    passDeadline(chain, id);
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Inconclusive");
    expect(free(chain, buyer)).toBe(endowment);
    for (const who of [trainer(0), ...first, ...second]) expect(gain(chain, who)).toBe(0n);
    check(chain);
  });

  test("a split panel is followed by another, whose ruling judges both", () => {
    const chain = market();
    const { ctx } = chain;
    const id = prove(chain);
    const first = panel(ctx, id);
    judge(chain, id, [accepts, rejects, faults]);
    expect(last(chain, "ProofOfTraining.PanelSplit")).toMatchObject({
      accepted: 1,
      rejected: 1,
      faulted: 1,
      silent: 0,
    });
    awaitDraw(chain);
    // The same things are looked at.
    const { challenge } = storage.Inspections.get(ctx, id)!;
    expect(last(chain, "ProofOfTraining.InspectorsDrawn")).toMatchObject({ round: 1, challenge });
    const second = panel(ctx, id);
    judge(chain, id, [accepts, accepts, accepts]);
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Completed");
    // Four share the fee of three.
    const share = (3n * MAI) / 4n;
    expect(first.map((who) => gain(chain, who))).toEqual([share, -inspectionBond, -inspectionBond / 4n]);
    expect(second.map((who) => gain(chain, who))).toEqual([share, share, share]);
    check(chain);
  });

  test("two split panels leave it open: nobody is slashed, who spoke is paid", () => {
    const chain = market();
    const { ctx } = chain;
    const id = prove(chain);
    const first = panel(ctx, id);
    judge(chain, id, [accepts, rejects, faults]);
    awaitDraw(chain);
    const second = panel(ctx, id);
    judge(chain, id, [rejects, accepts, undefined]);
    expect(outcome(chain, id)).toBe("Inconclusive");
    const share = (3n * MAI) / 5n;
    expect(first.map((who) => gain(chain, who))).toEqual([share, share, share]);
    expect(second.map((who) => gain(chain, who))).toEqual([share, share, 0n]);
    expect(gain(chain, trainer(0))).toBe(0n);
    expect(free(chain, buyer)).toBe(endowment - 3n * MAI);
    check(chain);
  });
});

describe("faults of the buyer", () => {
  test("claimed and found: the trainer has its bond back, inspectors their fee, the buyer its price", () => {
    const chain = market();
    const id = acceptDirect(chain);
    ok(chain, trainer(0), submitClaim(id));
    check(chain);
    awaitDraw(chain);
    const inspectors = panel(chain.ctx, id);
    judge(chain, id, [faults, faults, faults]);
    expect(last(chain, "ProofOfTraining.FaultFound")).toMatchObject({ fault: "Unreachable", votes: 3 });
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Faulted");
    expect(gain(chain, trainer(0))).toBe(0n);
    expect(free(chain, buyer)).toBe(endowment - 3n * MAI);
    for (const who of inspectors) expect(gain(chain, who)).toBe(MAI);
    check(chain);
  });

  test("claimed and denied: as a missed deadline", () => {
    const chain = market();
    const id = acceptDirect(chain);
    ok(chain, trainer(0), submitClaim(id));
    awaitDraw(chain);
    const [a] = panel(chain.ctx, id);
    const none: Verdict = { ...accepts, ruling: "Rejected", findings: [] };
    judge(chain, id, [none, none, faults]);
    expect(last(chain, "ProofOfTraining.FaultDenied")).toMatchObject({ votes: 2 });
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Expired");
    expect(gain(chain, trainer(0))).toBe(-10n * MAI);
    expect(free(chain, buyer)).toBe(endowment + 10n * MAI - 2n * MAI);
    expect(gain(chain, a!)).toBe(MAI);
    check(chain);
  });

  test("of a claim nothing can be accepted", () => {
    const chain = market();
    const id = acceptDirect(chain);
    ok(chain, trainer(0), submitClaim(id));
    awaitDraw(chain);
    const inspectors = panel(chain.ctx, id);
    for (const who of inspectors) ok(chain, who, commit(id, who, accepts));
    noop(chain, inspectors[0]!, reveal(id, accepts), "ProofOfTraining.InconsistentVerdict");
  });

  test("found when a proof is in: the trainer is paid, without a score", () => {
    const chain = market();
    const id = prove(chain);
    judge(chain, id, [faults, faults, accepts]);
    const [, , c] = panel(chain.ctx, id);
    passDeadline(chain, id);
    expect(gain(chain, trainer(0))).toBe(98n * MAI);
    expect(score.Scores.get(chain.ctx, trainer(0)).training.total).toBe(0n);
    // Who could read what others could not has contradicted nobody.
    expect(c && gain(chain, c)).toBe(0n);
    expect(free(chain, buyer)).toBe(endowment - 102n * MAI);
    check(chain);
  });
});

describe("appeals", () => {
  const judged = (verdicts: readonly Verdict[]) => {
    const chain = market(16);
    const id = prove(chain);
    const first = panel(chain.ctx, id);
    judge(chain, id, verdicts);
    return { chain, id, first };
  };
  const outsider = (chain: TestChain, id: number) => {
    const seated = storage.Inspections.get(chain.ctx, id)!.seats.map(({ inspector }) => inspector[0]);
    return Array.from({ length: 15 }, (_, i) => trainer(i + 1)).find((who) => !seated.includes(who[0]))!;
  };

  test("are for trainers and the buyer, for a bond, in time", () => {
    const { chain, id } = judged([accepts, accepts, accepts]);
    noop(chain, stranger, appeal(id), "ProofOfTraining.MayNotAppeal");
    noop(chain, buyer, appeal(99), "Marketplace.NoOrder");
    ok(chain, buyer, appeal(id));
    expect(last(chain, "ProofOfTraining.Appealed")).toEqual({
      order: id,
      appellant: buyer,
      bond: 10n * MAI,
      against: "Accepted",
    });
    noop(chain, trainer(5), appeal(id), "ProofOfTraining.WrongPhase");
    check(chain);
    const early = prove(chain);
    noop(chain, buyer, appeal(early), "ProofOfTraining.WrongPhase");
    judge(chain, early, [accepts, accepts, accepts]);
    const order = marketplace.Orders.get(chain.ctx, early)!;
    marketplace.Orders.set(chain.ctx, early, { ...order, deadline: blockNumber(chain.ctx) - 1 });
    noop(chain, buyer, appeal(early), "Marketplace.DeadlinePassed");
  });

  test("need somebody to hear them, and the bond", () => {
    const chain = market(4);
    const id = prove(chain);
    judge(chain, id, [accepts, accepts, accepts]);
    noop(chain, buyer, appeal(id), "ProofOfTraining.NoFreshInspectors");
    const other = judged([accepts, accepts, accepts]);
    const all = free(other.chain, buyer) - MAI;
    ok(other.chain, buyer, {
      type: "Balances",
      value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: stranger }, value: all } },
    });
    noop(other.chain, buyer, appeal(other.id), "Token.FundsUnavailable");
  });

  test("that overturn cost the first panel its bonds, and nothing to who appealed", () => {
    const { chain, id, first } = judged([rejects, rejects, accepts]);
    const who = outsider(chain, id);
    ok(chain, who, appeal(id));
    awaitDraw(chain);
    const judges = panel(chain.ctx, id);
    expect(judges).toHaveLength(5);
    const seated = judges.map((judge) => judge[0]);
    for (const excluded of [who, trainer(0), ...first]) expect(seated).not.toContain(excluded[0]);
    check(chain);
    judge(chain, id, [accepts, accepts, accepts, rejects, undefined]);
    expect(outcome(chain, id)).toBe("Completed");
    expect(last(chain, "ProofOfTraining.AppealEnded")).toEqual({
      order: id,
      appellant: who,
      result: "Overturned",
      returned: 10n * MAI,
    });
    const share = (3n * MAI) / 4n;
    expect(first.map((i) => gain(chain, i))).toEqual([-inspectionBond, -inspectionBond, share]);
    expect(judges.map((i) => gain(chain, i))).toEqual([
      share,
      share,
      share,
      -inspectionBond,
      -inspectionBond / 4n,
    ]);
    expect(gain(chain, who)).toBe(0n);
    expect(gain(chain, trainer(0))).toBe(98n * MAI);
    check(chain);
  });

  test("that change nothing cost their bond, from which the judges are paid", () => {
    const { chain, id, first } = judged([accepts, accepts, accepts]);
    ok(chain, buyer, appeal(id));
    awaitDraw(chain);
    const judges = panel(chain.ctx, id);
    judge(chain, id, [accepts, accepts, accepts, accepts, accepts]);
    expect(outcome(chain, id)).toBe("Completed");
    expect(last(chain, "ProofOfTraining.AppealEnded")).toMatchObject({ result: "Upheld", returned: 0n });
    expect(last(chain, "ProofOfTraining.ProofAccepted")).toMatchObject({
      votes: 5,
      seats: 5,
      appeal_by: undefined,
    });
    for (const who of [...first, ...judges]) expect(gain(chain, who)).toBe(MAI);
    expect(free(chain, buyer)).toBe(endowment - 113n * MAI);
    check(chain);
  });

  test("that come to no ruling leave the first, and cost nothing", () => {
    for (const verdicts of [[accepts, accepts, rejects, rejects, faults], []]) {
      const { chain, id, first } = judged([rejects, rejects, rejects]);
      ok(chain, trainer(0), appeal(id));
      awaitDraw(chain);
      const judges = panel(chain.ctx, id);
      if (verdicts.length > 0) judge(chain, id, verdicts);
      else {
        passDeadline(chain, id);
        passDeadline(chain, id);
      }
      expect(outcome(chain, id)).toBe("Rejected");
      expect(last(chain, "ProofOfTraining.AppealEnded")).toMatchObject({
        result: "Unheard",
        returned: 10n * MAI,
      });
      expect(gain(chain, trainer(0))).toBe(-100n * MAI);
      for (const who of judges) expect(gain(chain, who)).toBe(0n);
      for (const who of first) expect(gain(chain, who)).toBe((25n * MAI) / 3n);
      check(chain);
    }
  });

  test("that nobody can hear after all end with the first ruling", () => {
    const { chain, id } = judged([accepts, accepts, accepts]);
    ok(chain, buyer, appeal(id));
    poh.Authorities.set(chain.ctx, []);
    awaitDraw(chain);
    passDeadline(chain, id);
    expect(outcome(chain, id)).toBe("Completed");
    expect(free(chain, buyer)).toBe(endowment - 103n * MAI);
    check(chain);
  });

  test("of a claim may find no fault after all", () => {
    const chain = market(16);
    const id = acceptDirect(chain);
    ok(chain, trainer(0), submitClaim(id));
    awaitDraw(chain);
    judge(chain, id, [faults, faults, faults]);
    ok(chain, buyer, appeal(id));
    awaitDraw(chain);
    const none: Verdict = { ...accepts, ruling: "Rejected", findings: [] };
    judge(chain, id, [none, none, none, none, none]);
    expect(outcome(chain, id)).toBe("Expired");
    expect(gain(chain, trainer(0))).toBe(-10n * MAI);
    check(chain);
  });

  test("may reject what a stopped training proved", () => {
    const chain = market(16);
    const id = train(chain, {}, 5);
    ok(chain, buyer, { type: "Marketplace", value: { type: "cancel_order", value: { order: id } } });
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
    awaitDraw(chain);
    judge(chain, id, [accepts, accepts, accepts]);
    ok(chain, buyer, appeal(id));
    awaitDraw(chain);
    judge(chain, id, [rejects, rejects, rejects, rejects, rejects]);
    expect(outcome(chain, id)).toBe("Rejected");
    expect(gain(chain, trainer(0))).toBe(-100n * MAI);
    check(chain);
  });
});

test("a buyer with dust can always be paid back", () => {
  const chain = market();
  const id = prove(chain);
  expect(salt).toHaveLength(32);
  judge(chain, id, [accepts, accepts, accepts]);
  const all = free(chain, buyer) - 1_000_000_000n;
  ok(chain, buyer, {
    type: "Balances",
    value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: stranger }, value: all } },
  });
  passDeadline(chain, id);
  expect(outcome(chain, id)).toBe("Completed");
  check(chain);
});
