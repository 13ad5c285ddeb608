/**
 * Random plays of the whole economy on real blocks: honest and hostile people call whatever there is to call. After
 * every block the books of all pallets agree with each other, and with those of somebody who has read events alone.
 */
import { expect, test } from "vitest";
import { storage as balances, totalBalance } from "../pallets/balances/index.ts";
import { scoreOf, storage as scores } from "../pallets/compute-score/index.ts";
import { realScore } from "../pallets/compute-score/testing/real-score.ts";
import { checkDrilling } from "../pallets/drilling/testing/invariants.ts";
import { checkMachines } from "../pallets/machines/testing/invariants.ts";
import { assertMarket } from "../pallets/marketplace/testing/invariants.ts";
import { assertInspections } from "../pallets/proof-of-training/testing/invariants.ts";
import { assertReferenda } from "../pallets/referenda/testing/invariants.ts";
import { assertRewards } from "../pallets/rewards/testing/invariants.ts";
import { storage as system } from "../pallets/system/index.ts";
import { assertStakingInvariants } from "../pallets/trainer-staking/testing/invariants.ts";
import type { Ctx } from "./frame/ctx.ts";
import { EconomyBooks } from "./testing/economy-books.ts";
import { buyers, everybody, owner, preparedChain, strangers } from "./testing/economy-people.ts";
import { EconomyPlay } from "./testing/economy-play.ts";

const seeds = 18;
const blocks = 66;

/** What must be after every block, whatever happened in it. */
function checkEverything(ctx: Ctx): void {
  assertStakingInvariants(ctx);
  checkMachines(ctx);
  checkDrilling(ctx);
  assertMarket(ctx);
  assertInspections(ctx);
  assertReferenda(ctx);
  assertRewards(ctx);
  // Together the pallets know of everything that is on hold.
  for (const [who, holds] of balances.Holds.iterate(ctx)) {
    const sum = holds.reduce((total, { amount }) => total + amount, 0n);
    expect(system.Account.get(ctx, who).data.reserved).toBe(sum);
  }
}

/** What must have happened in some play, or the plays say little. */
const notable = [
  "Drilling.CanaryOpened",
  "Drilling.SilenceCompensated",
  "Drilling.TaskClosed",
  "Drilling.TaskRejected",
  "Drilling.UnitAgreed",
  "Drilling.UnitDisagreed",
  "Drilling.WindowExtended",
  "Grandpa.NewAuthorities",
  "Machines.ChallengeFailed",
  "Machines.MachineRemoved",
  "Machines.MachineUnavailable",
  "Marketplace.OfferCanceled",
  "Marketplace.OfferMade",
  "Marketplace.OrderCanceled",
  "Marketplace.OrderCompleted",
  "Marketplace.OrderDeclined",
  "Marketplace.OrderExpired",
  "Marketplace.OrderFaulted",
  "Marketplace.OrderForgotten",
  "Marketplace.OrderRejected",
  "ProofOfTraining.AppealEnded",
  "ProofOfTraining.FaultDenied",
  "ProofOfTraining.KeyReleased",
  "ProofOfTraining.PanelSplit",
  "ProofOfTraining.ValidationReleased",
  "ProofOfTraining.WindowExtended",
  "Referenda.Canceled",
  "Referenda.Enacted",
  "Referenda.Rejected",
  "Referenda.VoteReleased",
  "Rewards.DrillingRewarded",
  "Rewards.VestingClaimed",
  "TrainerStaking.Deregistered",
  "TrainerStaking.Slashed",
  "TrainerStaking.Withdrawn",
  "Treasury.Awarded",
];

const prepared = preparedChain();
const seen = new Set<string>();

/** Plays, and looks after every block at what all have and what events say that they have. */
function play(seed: number): void {
  const game = new EconomyPlay(prepared, seed);
  const { chain } = game;
  const books = new EconomyBooks();
  const before = chain.view();
  const had = everybody.map((who) => totalBalance(before, who));
  for (let i = 0; i < blocks; i++) {
    const { author, events } = game.next();
    books.read(author, events);
    for (const [name] of events) seen.add(name);
    const ctx = chain.view();
    checkEverything(ctx);
    const more = everybody.map((who, n) => totalBalance(ctx, who) - had[n]! - books.totalOf(who));
    expect(more.filter((amount) => amount < 0n)).toEqual([]);
    // Events do not name whoever reported a double vote.
    const unexplained = more.reduce((sum, amount) => sum + amount);
    expect(unexplained <= books.equivocations / 10n, "nobody has more than events tell").toBe(true);
    expect(everybody.map((who) => totalsOf(ctx, who))).toEqual(everybody.map((who) => books.workOf(who)));
  }
  checkEffective(chain.view(), books, everybody[seed % everybody.length]!);
  // Only who works or is cheated gains anything but what is given to it.
  for (const who of [...strangers, ...buyers, owner]) {
    const { reward, trade, fees } = books.gainsOf(who);
    expect([reward, trade <= 0n, fees <= 0n], "gained without work").toEqual([0n, true, true]);
  }
}

const totalsOf = (ctx: Ctx, who: Uint8Array) => {
  const { drilling, training } = scoreOf(ctx, who);
  return { Drilling: drilling.total, Training: training.total };
};

/** The effective score is what the formula over real numbers makes of the credits that events tell. */
function checkEffective(ctx: Ctx, books: EconomyBooks, who: Uint8Array): void {
  for (const [kind, score] of Object.entries(scores.Scores.get(ctx, who))) {
    const credits = books.creditsOf(who).filter((credit) => credit.kind.toLowerCase() === kind);
    const exact = realScore(0n, 0n, credits, score.updated) >> (420n - 128n);
    const error = exact - score.effective;
    expect(error > -200n && error < 200n).toBe(true);
  }
}

test.for(Array.from({ length: seeds }, (_, i) => i))(
  "play %i: the books balance after every block",
  (seed) => {
    play(seed);
  },
);

test("and whatever can happen has happened", () => {
  expect(notable.filter((name) => !seen.has(name))).toEqual([]);
});
