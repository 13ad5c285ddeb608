/**
 * The whole economy as a stock client drives and reads it: one node of a chain with short windows, whose blocks are made on
 * request. Each story ends in figures to the unit, and in the end an indexer that read nothing but events knows as much
 * as the state.
 */
import type { KeyringPair } from "@polkadot/keyring/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Books } from "./economy/books.ts";
import { epochLength, windows } from "./economy/chain-file.ts";
import { answersOf, lie, task } from "./economy/drill.ts";
import { type Act, account, Economy } from "./economy/economy.ts";
import { type ChainEvent, numberIn, textIn, textsIn } from "./economy/events.ts";
import {
  about,
  accepted,
  faulted,
  fee,
  Market,
  price,
  rejected,
  spec,
  terms,
  work,
} from "./economy/market.ts";
import { MachineDaemon, registration } from "./economy/trainer.ts";

const mai = 10n ** 12n;
const drillers = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve"].map(account);
const [alice, bob, charlie, dave, eve] = drillers as [
  KeyringPair,
  KeyringPair,
  KeyringPair,
  KeyringPair,
  KeyringPair,
];
/** Trainers without a machine, who only inspect. */
const inspectors = ["//Alice//stash", "//Bob//stash", "//Charlie//stash"].map(account);
const people = [...drillers, ...inspectors];
const [buyer, project] = [account("//Ferdie"), account("//Ferdie//stash")];

let economy: Economy;
let machines: ReadonlyMap<KeyringPair, MachineDaemon>;
let market: Market;

beforeAll(async () => {
  economy = await Economy.open();
});
afterAll(() => economy?.close());

const named = (events: readonly ChainEvent[], name: string): ChainEvent[] =>
  events.filter((event) => event.name === name);
const amounts = (event: ChainEvent, ...fields: readonly string[]): bigint[] =>
  fields.map((field) => numberIn(event, field));

/** What `PohApi` tells of the trainers of this epoch. */
async function weights(): Promise<Map<string, bigint>> {
  const list = await economy.api.call.pohApi!.authorities!();
  const lines = list.toJSON() as unknown as readonly { trainer: string; weight: number | string }[];
  return new Map(lines.map(({ trainer, weight }) => [trainer, BigInt(weight)]));
}

test("trainers register with keys of their node, and their machines prove what they are", async () => {
  expect([...(await weights()).keys()]).toEqual([alice.address]);
  const joining = people.filter((who) => who !== alice);
  await economy.act(...(await Promise.all(joining.map((who) => registration(economy, who, 1_000n * mai)))));
  machines = new Map(drillers.map((who, i) => [who, new MachineDaemon(economy, who, i + 1)]));
  await economy.act(...[...machines.values()].map((daemon) => daemon.add()));
  await economy.until("Machines.CapacityMeasured");
  const measured = named(economy.events, "Machines.CapacityMeasured");
  expect(measured.map((event) => textIn(event, "owner")).sort()).toEqual(
    drillers.map(({ address }) => address).sort(),
  );
  for (const event of measured) {
    const [n, rounds, elapsed, uut] = amounts(event, "n", "rounds", "elapsed", "uutPerDay");
    expect(uut).toBe((2n * n! ** 3n * rounds! * 86_400_000n) / (432_000n * elapsed!));
  }
});

test("a machine that commits to wrong products is found out and slashed", async () => {
  const liar = new MachineDaemon(economy, eve, 99, (product) => product.fill(1));
  await economy.act(liar.add());
  const failed = await economy.until("Machines.ChallengeFailed");
  // Five hundredths of the bond.
  expect(failed.fields).toMatchObject({ machine: liar.id, owner: eve.address, reason: "WrongEntry" });
  expect(numberIn(failed, "slashed")).toBe(50n * mai);
  economy.daemons.splice(economy.daemons.indexOf(liar), 1);
  await economy.act([eve, economy.tx("machines", "removeMachine", liar.id)]);
});

test("a task is approved, agreed on by those who were drawn, and paid", async () => {
  await economy.act([project, economy.tx("drilling", "registerProject", "stars", "https://stars")]);
  const published = await economy.act([project, economy.tx("drilling", "publishTask", 0, task)]);
  // Two units, each of which may take four rewards.
  expect(numberIn(named(published, "Drilling.TaskPublished")[0]!, "budget")).toBe(8n * mai);
  await economy.act(...people.map((who): Act => [who, economy.tx("drilling", "voteTask", 0, true)]));
  await economy.until("Drilling.TaskApproved", () => true, windows.vote + 1);

  const story = economy.events.length;
  const gained = await economy.gainOf(project, async () => {
    const ask = (who: KeyringPair): Act => [
      who,
      economy.tx("drilling", "requestWork", machines.get(who)!.id, 1),
    ];
    await economy.act(ask(bob), ask(charlie));
    const formed = await economy.until("Drilling.QuorumFormed", () => true, 2);
    expect([...textsIn(formed, "trainers")].sort()).toEqual([bob.address, charlie.address].sort());
    const { commit, reveal } = answersOf(economy, { task: 0, unit: 0 });
    await economy.act(commit(bob));
    // Nobody reveals before all have committed, and nobody who is not in it.
    expect(await economy.failure(reveal(bob))).toBe("drilling.NotRevealing");
    expect(await economy.failure(commit(dave))).toBe("drilling.NotMember");
    await economy.act(commit(charlie));
    expect(await economy.failure(reveal(bob, lie))).toBe("drilling.DoesNotOpen");
    await economy.act(reveal(bob), reveal(charlie));
  });
  const events = economy.events.slice(story);
  expect(gained).toBe(-2n * task.reward);
  for (const who of [bob, charlie]) {
    const mine = events.filter(({ fields }) => fields.trainer === who.address);
    const [credited] = named(mine, "ComputeScore.Credited");
    expect(credited?.fields).toMatchObject({ kind: "Drilling", work: 100, source: { task: 0 } });
    expect(named(mine, "Drilling.MemberPaid").map((event) => numberIn(event, "reward"))).toEqual([mai]);
    expect(named(mine, "Drilling.SeatSettled")[0]?.fields).toMatchObject({ outcome: "Agreed", taken: 0 });
  }
});

test("a disagreement goes to a fresh quorum, whose truth slashes the liar and makes the honest whole", async () => {
  const ask = (who: KeyringPair): Act => [
    who,
    economy.tx("drilling", "requestWork", machines.get(who)!.id, 1),
  ];
  await economy.act(ask(dave), ask(eve));
  await economy.until("Drilling.QuorumFormed", () => true, 2);
  const { commit, reveal } = answersOf(economy, { task: 0, unit: 1 });
  await economy.act(commit(dave, lie), commit(eve));
  const differed = await economy.act(reveal(dave, lie), reveal(eve));
  expect(named(differed, "Drilling.UnitDisagreed")).toHaveLength(1);
  expect(named(differed, "ComputeScore.Credited")).toHaveLength(0);
  const fresh = [alice, bob, charlie];
  await economy.act(...fresh.map(ask));
  await economy.until("Drilling.QuorumFormed", () => true, 2);
  await economy.act(...fresh.map((who) => commit(who)));
  const settled = await economy.act(...fresh.map((who) => reveal(who)));
  expect(named(settled, "ComputeScore.Credited")).toHaveLength(3);
  const value = numberIn(named(economy.events, "Drilling.TaskPublished")[0]!, "value");
  const bond = (3n * value) / 2n;
  const seatOf = (who: KeyringPair) =>
    named(settled, "Drilling.SeatSettled").find((event) => textIn(event, "trainer") === who.address)!;
  expect(seatOf(dave).fields.outcome).toBe("Refuted");
  expect(amounts(seatOf(dave), "taken", "returned")).toEqual([bond, 0n]);
  expect(seatOf(eve).fields.outcome).toBe("Confirmed");
  expect(amounts(seatOf(eve), "taken", "compensated")).toEqual([0n, value]);
  const slashed = named(settled, "TrainerStaking.Slashed")[0]!;
  expect(slashed.fields).toMatchObject({ trainer: dave.address, reason: "FalseResult" });
  expect(numberIn(slashed, "amount")).toBe(bond);
  // Five of eight rewards were paid, and both units are over.
  const [closed] = named(settled, "Drilling.TaskClosed");
  expect(closed?.fields).toMatchObject({ agreed: 2, failed: 0 });
  expect(numberIn(closed!, "refunded")).toBe(3n * mai + mai);
});

test("all who registered may author, inspect and vote from the third epoch on", async () => {
  while ((await weights()).size < people.length) await economy.block();
  expect([...(await weights()).keys()].sort()).toEqual(people.map(({ address }) => address).sort());
});

test("a buyer is quoted, and served: trained, anchored, proved, inspected and paid to the unit", async () => {
  const machine = machines.get(bob)!.id;
  market = new Market(economy, { buyer, trainer: bob, machine, people });
  await economy.act(market.byTrainer("makeOffer", machine, terms));
  const asked = await economy.api.call.marketplaceApi!.quote!({ ...spec, machine });
  const quote = asked.toJSON() as Record<string, unknown>;
  expect(quote).toMatchObject({
    work: 1_000,
    refusals: [],
    candidates: [{ trainer: bob.address, refusals: [] }],
  });
  expect(BigInt(quote.atMost as string)).toBe(price + fee);
  expect(await economy.failure([bob, economy.tx("marketplace", "placeOrder", { ...spec, machine })])).toBe(
    "marketplace.SelfDealing",
  );

  const story = economy.events.length;
  const gained = await economy.gainOf(buyer, async () => {
    const order = await market.place();
    expect(await economy.failure([charlie, economy.tx("marketplace", "acceptOrder", order)])).toBe(
      "marketplace.NotTrainer",
    );
    await economy.act(market.byTrainer("acceptOrder", order));
    await economy.until("Marketplace.SeedDrawn", about(order), 1);
    const panel = await market.trainOn(order, spec.checkpoints).then(() => market.submit(order));
    expect(panel).toHaveLength(3);
    expect(panel).not.toContain(bob.address);
    expect(
      await economy.failure([bob, economy.tx("proofOfTraining", "commitVerdict", order, spec.manifest)]),
    ).toBe("proofOfTraining.NotInspector");
    await market.judge(order, accepted, accepted, accepted);
    await market.ended(order, "OrderCompleted");
  });
  const events = economy.events.slice(story);
  const [completed] = named(events, "Marketplace.OrderCompleted");
  expect(amounts(completed!, "paid", "burned", "inspection", "refunded", "work")).toEqual([
    98n * mai,
    2n * mai,
    fee,
    0n,
    work,
  ]);
  expect(gained).toBe(-price - fee);
  expect(named(events, "Marketplace.InspectionPaid").map((event) => numberIn(event, "amount"))).toEqual([
    mai,
    mai,
    mai,
  ]);
  expect(named(events, "ComputeScore.Credited")[0]?.fields).toMatchObject({
    trainer: bob.address,
    kind: "Training",
    work: Number(work),
  });
});

test("what was computed weighs in the lottery of later epochs", async () => {
  const before = (await weights()).get(bob.address)!;
  for (let i = 0; i < 3 * epochLength; i++) await economy.block();
  const after = await weights();
  expect(after.get(bob.address)).toBeGreaterThan(before);
  expect(after.get(inspectors[0]!.address)).toBe(0n);
});

test("an order that nobody is bound to costs its buyer nothing", async () => {
  const gained = await economy.gainOf(buyer, async () => {
    const cancelled = await market.place();
    await economy.act(market.byBuyer("cancelOrder", cancelled));
    const declined = await market.place();
    await economy.act(market.byTrainer("declineOrder", declined));
    const expired = await market.place();
    expect((await market.ended(expired, "OrderExpired")).fields.state).toBe("Placed");
    expect(await economy.failure(market.byTrainer("acceptOrder", expired))).toBe("marketplace.NoOrder");
  });
  expect(gained).toBe(0n);
});

test("an open order goes to a bid, whose price returns when the buyer cancels before the start", async () => {
  const order = await market.place({ machine: null });
  const bid = (who: KeyringPair, price: bigint): Act => [
    who,
    economy.tx("marketplace", "bid", order, price, machines.get(who)!.id),
  ];
  await economy.act(bid(bob, 90n * mai), bid(charlie, 95n * mai));
  const taken = await economy.act(market.byBuyer("takeBid", order, bob.address));
  expect(named(taken, "Marketplace.BidWithdrawn")[0]?.fields.trainer).toBe(charlie.address);
  expect(amounts(named(taken, "Marketplace.OrderAccepted")[0]!, "price", "refunded", "bond")).toEqual([
    90n * mai,
    60n * mai,
    90n * mai,
  ]);
  const cancelled = await economy.act(market.byBuyer("cancelOrder", order));
  expect(amounts(named(cancelled, "Marketplace.OrderCanceled")[0]!, "paid", "refunded")).toEqual([
    0n,
    93n * mai,
  ]);
});

test("a training that the buyer cancels is paid as far as it was anchored and inspected", async () => {
  const gained = await economy.gainOf(buyer, async () => {
    const order = await market.train(6);
    const stopped = await economy.act(market.byBuyer("cancelOrder", order));
    expect(named(stopped, "Marketplace.OrderStopped")[0]?.fields).toMatchObject({ index: 6, step: 120 });
    await market.submit(order);
    const half = { ...accepted, flop: accepted.flop / 2n };
    await market.judge(order, half, half, half);
    const ended = await market.ended(order, "OrderCanceled");
    expect(amounts(ended, "paid", "burned", "refunded", "work")).toEqual([
      49n * mai,
      mai,
      50n * mai,
      work / 2n,
    ]);
  });
  expect(gained).toBe(-50n * mai - fee);
});

test.each([
  ["Accepted", () => market.accept()],
  ["Training", () => market.train(1)],
])("a trainer that is silent when %s pays a tenth of its bond", async (state, begin) => {
  const gained = await economy.gainOf(buyer, async () => {
    const ended = await market.ended(await begin(), "OrderExpired");
    expect(ended.fields.state).toBe(state);
    expect(amounts(ended, "refunded", "penalty")).toEqual([price + fee, 10n * mai]);
  });
  expect(gained).toBe(10n * mai);
});

test("a proof is rejected by a rule with its value and threshold; the bond is shared out", async () => {
  const gained = await economy.gainOf(buyer, async () => {
    const order = await market.prove();
    await market.judge(order, rejected, accepted, rejected);
    const found = named(economy.events, "ProofOfTraining.ProofRejected").at(-1)!;
    expect(found.fields).toMatchObject({
      order,
      rule: "Rule5",
      value: 30_000_000,
      threshold: 20_000_000,
      votes: 2,
    });
    const ended = await market.ended(order, "OrderRejected");
    const share = price / 8n;
    expect(amounts(ended, "refunded", "toBuyer", "toInspectors", "burned")).toEqual([
      price + fee,
      price / 2n,
      2n * share,
      price / 4n,
    ]);
  });
  expect(gained).toBe(50n * mai);
  const [wrong] = named(economy.events, "TrainerStaking.Slashed").filter(
    ({ fields }) => fields.reason === "WrongVerdict",
  );
  expect(numberIn(wrong!, "amount")).toBe(price / 3n);
});

test("an inspector that is silent loses a quarter of its bond, and its share", async () => {
  const order = await market.prove();
  await market.judge(order, accepted, accepted);
  const ended = await market.ended(order, "OrderCompleted");
  expect(amounts(ended, "inspection", "refunded")).toEqual([2n * mai, mai]);
  const silent = named(economy.events, "TrainerStaking.Slashed").at(-1)!;
  expect(silent.fields.reason).toBe("VerdictNotRevealed");
  expect(numberIn(silent, "amount")).toBe(price / 3n / 4n);
});

test("two panels without a majority leave everybody what they had, and those who spoke their fee", async () => {
  const gained = await economy.gainOf(buyer, async () => {
    const order = await market.prove();
    await market.judge(order, accepted, rejected, faulted);
    await market.panel(order);
    await market.judge(order, accepted, rejected, faulted);
    const ended = named(economy.events, "Marketplace.OrderInconclusive").at(-1)!;
    expect(ended.fields.order).toBe(order);
    expect(amounts(ended, "inspection", "refunded")).toEqual([fee, price]);
  });
  expect(gained).toBe(-fee);
});

test("a fault of the buyer's is charged to the order and never to the trainer", async () => {
  const gained = await economy.gainOf(buyer, async () => {
    const order = await market.train(1);
    await market.submit(order, "Unreachable");
    await market.judge(order, faulted, faulted, faulted);
    const ended = await market.ended(order, "OrderFaulted");
    expect(amounts(ended, "paid", "inspection", "refunded")).toEqual([0n, fee, price]);
  });
  expect(gained).toBe(-fee);
});

test("an appeal overturns a wrong ruling, and those who gave it lose their bonds", async () => {
  const order = await market.prove();
  await market.judge(order, rejected, rejected, rejected);
  const from = economy.events.length;
  await economy.act(market.proving("appeal", order));
  await market.panel(order);
  await market.judge(order, accepted, accepted, accepted);
  const events = economy.events.slice(from);
  expect(named(events, "ProofOfTraining.AppealEnded")[0]?.fields.result).toBe("Overturned");
  expect(named(events, "Marketplace.OrderCompleted")[0]?.fields.order).toBe(order);
  const slashed = named(events, "TrainerStaking.Slashed").map((event) => numberIn(event, "amount"));
  expect(slashed).toEqual([price / 3n, price / 3n, price / 3n]);
});

test("what has vested can be claimed, and drilling is paid from the pool", async () => {
  const [claimed] = named(
    await economy.act([alice, economy.tx("rewards", "claimVested")]),
    "Rewards.VestingClaimed",
  );
  expect(numberIn(claimed!, "amount")).toBeGreaterThan(0n);
  const paid = named(economy.events, "Rewards.DrillingRewarded");
  expect(new Set(paid.map((event) => textIn(event, "trainer")))).toEqual(
    new Set([alice, bob, charlie].map(({ address }) => address)),
  );
});

test("who read nothing but events knows all balances, all scores, and how every order ended", async () => {
  const { api } = economy;
  const genesis = await (await api.at(api.genesisHash)).query.system.account.entries();
  const wealth = ([key, { data }]: (typeof genesis)[number]) =>
    [key.args[0].toString(), data.free.toBigInt() + data.reserved.toBigInt()] as const;
  const books = new Books(genesis.map(wealth));
  for (const event of economy.events) books.read(event);

  const state = new Map((await api.query.system.account.entries()).map(wealth));
  expect(new Map([...books.balances].filter(([, balance]) => balance > 0n))).toEqual(state);
  const issuance = (await api.query.balances.totalIssuance()).toBigInt();
  expect([...state.values()].reduce((sum, balance) => sum + balance)).toBe(issuance);

  for (const { address } of people) {
    const scores = (await api.query.computeScore!.scores!(address)).toJSON() as unknown as Record<
      string,
      Score
    >;
    for (const kind of ["Drilling", "Training"] as const) {
      const { total, effective } = scores[kind.toLowerCase()]!;
      const counted = books.scoreOf(address, kind);
      expect(counted.total).toBe(BigInt(total));
      const error = counted.effective - BigInt(effective);
      expect(error > -200n && error < 200n).toBe(true);
    }
  }

  const totals: Record<string, number> = {};
  for (const [order, end] of books.orders) {
    const kept = (await api.query.marketplace!.ended!(order)).toJSON() as { outcome: string };
    expect(end).toBe(kept.outcome);
    totals[end!.toLowerCase()] = (totals[end!.toLowerCase()] ?? 0) + 1;
  }
  expect((await api.call.marketplaceApi!.statistics!()).toJSON()).toMatchObject({
    ...totals,
    placed: 0,
    training: 0,
  });
  expect(Object.keys(totals)).toHaveLength(7);
});

interface Score {
  readonly total: string | number;
  readonly effective: string | number;
}
