import { describe, expect, test } from "vitest";
import { freeBalance } from "../balances/index.ts";
import { storage as machines } from "../machines/index.ts";
import { storage as poh } from "../poh/index.ts";
import { blockNumber } from "../system/index.ts";
import { eventNames, happened, MAI, person } from "../testing/chain.ts";
import { storage as staking } from "../trainer-staking/index.ts";
import { defaultThresholds, jobSeed, orderTopic, storage } from "./index.ts";
import { assertMarket } from "./testing/invariants.ts";
import {
  acceptDirect,
  buyer,
  endowment,
  key,
  machine,
  market,
  marketCall,
  measured,
  nextBlock,
  noop,
  ok,
  passDeadline,
  place,
  placeDirect,
  potCall,
  spec,
  stranger,
  terms,
  toBlock,
  trainer,
} from "./testing/market.ts";

const offer = (more: object = {}, i = 0) =>
  marketCall("make_offer", { machine: machine(i), terms: { ...terms, ...more } });
const order = (more: object = {}) => marketCall("place_order", { spec: { ...spec, ...more } });
const on = (call: string, id: number, more: object = {}) => marketCall(call, { order: id, ...more });

describe("offers", () => {
  test("are made, changed and ended by the machine's owner", () => {
    const chain = market();
    ok(chain, trainer(0), offer());
    ok(chain, trainer(0), offer({ price_per_ut: 5n }));
    expect(storage.Offers.get(chain.ctx, machine(0))).toEqual({
      trainer: trainer(0),
      terms: { ...terms, price_per_ut: 5n },
    });
    noop(chain, trainer(1), marketCall("cancel_offer", { machine: machine(0) }), "Marketplace.NotOwner");
    ok(chain, trainer(0), marketCall("cancel_offer", { machine: machine(0) }));
    noop(chain, trainer(0), marketCall("cancel_offer", { machine: machine(0) }), "Marketplace.NoOffer");
    expect(eventNames(chain.ctx)).toEqual([
      "Marketplace.OfferMade",
      "Marketplace.OfferMade",
      "Marketplace.OfferCanceled",
    ]);
  });

  test("are refused from strangers, trainers that may not work, and on impossible terms", () => {
    const chain = market();
    noop(chain, trainer(1), offer(), "Marketplace.NotOwner");
    noop(chain, trainer(0), offer({}, 100), "Marketplace.NotOwner");
    for (const bad of [{ price_per_ut: 0n }, { longest: 0 }, { longest: 5_256_001 }]) {
      noop(chain, trainer(0), offer(bad), "Marketplace.BadTerms");
    }
    staking.Trainers.mutateExists(chain.ctx, trainer(0), (t) => t && { ...t, chilled: true });
    noop(chain, trainer(0), offer(), "Marketplace.CannotWork");
  });
});

describe("placing an order", () => {
  test("holds the price of the offer and the fee, and tells everything in its event", () => {
    const chain = market();
    const id = placeDirect(chain);
    expect(freeBalance(chain.ctx, buyer)).toBe(endowment - 103n * MAI);
    expect(happened(chain.ctx).at(-1)).toEqual([
      "Marketplace.OrderPlaced",
      {
        order: id,
        buyer,
        spec: { ...spec, machine: machine(0) },
        price: 100n * MAI,
        trainer: trainer(0),
        deadline: 21,
      },
    ]);
    assertMarket(chain.ctx);
  });

  test("an open order holds the limit", () => {
    const chain = market();
    place(chain);
    expect(freeBalance(chain.ctx, buyer)).toBe(endowment - 153n * MAI);
    assertMarket(chain.ctx);
  });

  const max32 = 2 ** 32 - 1;
  const max128 = 2n ** 128n - 1n;
  test.each<[string, object]>([
    ["FlopOutOfRange", { flop: 0n }],
    ["FlopOutOfRange", { flop: 2n ** 100n + 1n }],
    ["FlopOutOfRange", { flop: max128 }],
    ["StepsOutOfRange", { checkpoints: 11 }],
    ["StepsOutOfRange", { checkpoints: 10_001, steps: 20_000 }],
    ["StepsOutOfRange", { steps: 11 }],
    ["StepsOutOfRange", { steps: 0, checkpoints: 0 }],
    ["PanelOutOfRange", { inspectors: 0 }],
    ["PanelOutOfRange", { inspectors: 2 }],
    ["PanelOutOfRange", { inspectors: 9 }],
    ["PanelOutOfRange", { inspectors: 255, inspection_fee: max128 }],
    ["FeeTooLow", { inspection_fee: 3n * 10_000_000_000n - 1n }],
    ["PriceTooLow", { price_limit: 10_000_000_000n - 1n }],
    ["WindowOutOfRange", { accept_within: 0 }],
    ["WindowOutOfRange", { train_within: 0 }],
    ["WindowOutOfRange", { accept_within: max32 }],
    ["WindowOutOfRange", { train_within: max32 }],
    ["BadThresholds", { target: 1_000_000_001 }],
    ["NoCheckpoint", { continues: 0 }],
    ["NoCheckpoint", { continues: max32 }],
    ["NoOffer", { machine: machine(100) }],
    ["PriceAboveLimit", { machine: machine(0), price_limit: 100n * MAI - 1n }],
    ["WindowTooLong", { machine: machine(0), train_within: 10_001 }],
    ["DiskTooSmall", { machine: machine(0), disk: 1_025 }],
    // A week at the measured speed.
    ["TooSlow", { machine: machine(0), flop: 7n * measured * 432_000n, price_limit: max128 }],
  ])("fails with %s for %o", (error, more) => {
    const chain = market();
    ok(chain, trainer(0), offer());
    noop(chain, buyer, order(more), `Marketplace.${error}`);
  });

  test("fails where thresholds are beyond those of a manifest, and takes its own", () => {
    const chain = market();
    const own = { ...defaultThresholds, drawdown: 250_000_000n, spearman: -1_000_000_000n, fresh: 8 };
    for (const bad of [{ segments: 0 }, { segments: 10_001 }, { spearman: -1_000_000_001n }, { fresh: 7 }]) {
      noop(chain, buyer, order({ thresholds: { ...own, ...bad } }), "Marketplace.BadThresholds");
    }
    ok(chain, buyer, order({ thresholds: own }));
  });

  test("fails when the buyer is the trainer, by account or by session key", () => {
    const chain = market();
    ok(chain, trainer(0), offer());
    noop(chain, trainer(0), order({ machine: machine(0) }), "Marketplace.SelfDealing");
    for (const kind of [1, 2] as const) {
      ok(chain, buyer, {
        type: "Balances",
        value: {
          type: "transfer_keep_alive",
          value: { dest: { type: "Id", value: key(0, kind) }, value: 1000n * MAI },
        },
      });
      noop(chain, key(0, kind), order({ machine: machine(0) }), "Marketplace.SelfDealing");
    }
  });

  test("fails where the machine or its trainer cannot work", () => {
    const chain = market();
    const { ctx } = chain;
    ok(chain, trainer(0), offer());
    const direct = order({ machine: machine(0) });
    const stored = machines.Machines.get(ctx, machine(0))!;
    machines.Machines.set(ctx, machine(0), { ...stored, state: "Silent" });
    noop(chain, buyer, direct, "Marketplace.MachineUnavailable");
    machines.Machines.set(ctx, machine(0), { ...stored, measured: 0n });
    noop(chain, buyer, direct, "Marketplace.TooSlow");
    machines.Machines.set(ctx, machine(0), { ...stored, owner: trainer(1) });
    noop(chain, buyer, direct, "Marketplace.MachineUnavailable");
    machines.Machines.set(ctx, machine(0), stored);
    staking.Trainers.mutateExists(ctx, trainer(0), (t) => t && { ...t, required: 2_000n * MAI });
    noop(chain, buyer, direct, "Marketplace.CannotWork");
  });

  test("fails where too few could inspect, and where there is too little money", () => {
    const chain = market(4);
    noop(chain, buyer, order({ inspectors: 5, inspection_fee: 5n * MAI }), "Marketplace.TooFewInspectors");
    noop(chain, trainer(1), order({ inspectors: 3 }), "Marketplace.TooFewInspectors");
    ok(chain, buyer, order({ inspectors: 3 }));
    noop(chain, buyer, order({ price_limit: endowment }), "Token.FundsUnavailable");
    noop(chain, buyer, order({ inspection_fee: 2n ** 128n - 1n }), "Token.FundsUnavailable");
  });

  test("numbers never repeat", () => {
    const chain = market();
    const first = place(chain);
    ok(chain, buyer, on("cancel_order", first));
    expect(place(chain)).toBe(first + 1);
    storage.NextOrder.set(chain.ctx, 2 ** 32 - 1);
    noop(chain, buyer, order(), "Marketplace.TooManyOrders");
  });
});

describe("an order that names a machine", () => {
  test("is accepted by its owner, for a bond; the next block fixes the seed", () => {
    const chain = market();
    const { ctx } = chain;
    const id = placeDirect(chain);
    noop(chain, trainer(1), on("accept_order", id), "Marketplace.NotTrainer");
    noop(chain, trainer(0), on("accept_order", 99), "Marketplace.NoOrder");
    ok(chain, trainer(0), on("accept_order", id));
    // Five segments are run again, so the price is more than 3/5 of it.
    expect(freeBalance(ctx, trainer(0))).toBe(endowment - 1_000n * MAI - 100n * MAI);
    expect(storage.Orders.get(ctx, id)!.deal).toMatchObject({ randomness: undefined, due: 501 });
    noop(chain, trainer(0), on("accept_order", id), "Marketplace.WrongState");
    assertMarket(ctx);
    nextBlock(chain);
    const randomness = poh.BlockRandomness.get(ctx);
    expect(storage.Orders.get(ctx, id)!.deal).toMatchObject({ randomness, due: 501 });
    expect(happened(ctx).at(-1)).toEqual([
      "Marketplace.SeedDrawn",
      {
        order: id,
        trainer: trainer(0),
        randomness,
        seed: jobSeed(id, trainer(0), randomness),
        start_by: 101,
        due: 501,
      },
    ]);
    assertMarket(ctx);
  });

  test("with two segments to re-execute the bond is 3/2 of the price", () => {
    const chain = market();
    const thresholds = { ...defaultThresholds, segments: 2 };
    const id = placeDirect(chain, { thresholds });
    ok(chain, trainer(0), on("accept_order", id));
    expect(storage.Orders.get(chain.ctx, id)!.deal!.bond).toBe(150n * MAI);
  });

  test("is not accepted by who cannot work, whose machine is away, or who lacks the bond", () => {
    const chain = market();
    const { ctx } = chain;
    const id = placeDirect(chain);
    const stored = machines.Machines.get(ctx, machine(0))!;
    machines.Machines.set(ctx, machine(0), { ...stored, state: "Silent" });
    noop(chain, trainer(0), on("accept_order", id), "Marketplace.MachineUnavailable");
    machines.Machines.set(ctx, machine(0), stored);
    staking.Trainers.mutateExists(ctx, trainer(0), (t) => t && { ...t, chilled: true });
    noop(chain, trainer(0), on("accept_order", id), "Marketplace.CannotWork");
    staking.Trainers.mutateExists(ctx, trainer(0), (t) => t && { ...t, chilled: false });
    const all = freeBalance(ctx, trainer(0)) - 50n * MAI;
    ok(chain, trainer(0), {
      type: "Balances",
      value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: stranger }, value: all } },
    });
    noop(chain, trainer(0), on("accept_order", id), "Token.FundsUnavailable");
  });

  test("a trainer that took the buyer's key as its own meanwhile is refused", () => {
    const chain = market();
    const id = placeDirect(chain);
    staking.KeyOwner.set(chain.ctx, new TextEncoder().encode("poh_"), buyer, trainer(0));
    noop(chain, trainer(0), on("accept_order", id), "Marketplace.SelfDealing");
  });

  test("is declined by the machine's owner, and the buyer has everything back", () => {
    const chain = market();
    const id = placeDirect(chain);
    noop(chain, trainer(1), on("decline_order", id), "Marketplace.NotTrainer");
    ok(chain, trainer(0), on("decline_order", id));
    expect(freeBalance(chain.ctx, buyer)).toBe(endowment);
    expect(storage.Ended.get(chain.ctx, id)?.outcome).toBe("Declined");
    noop(chain, trainer(0), on("decline_order", id), "Marketplace.NoOrder");
    assertMarket(chain.ctx);
  });

  test("takes no bids, and an open one is not accepted without", () => {
    const chain = market();
    const direct = placeDirect(chain);
    const open = place(chain);
    const bid = { price: 90n * MAI, machine: machine(1) };
    noop(chain, trainer(1), on("bid", direct, bid), "Marketplace.NotOpen");
    noop(chain, trainer(1), on("accept_order", open), "Marketplace.NotDirect");
    noop(chain, trainer(1), on("decline_order", open), "Marketplace.NotDirect");
  });
});

describe("bids", () => {
  const bid = (i: number, price: bigint, id: number) => on("bid", id, { price, machine: machine(i) });

  test("hold a bond until they are replaced, withdrawn, or lose", () => {
    const chain = market();
    const { ctx } = chain;
    const free = endowment - 1_000n * MAI;
    const id = place(chain);
    ok(chain, trainer(1), bid(1, 140n * MAI, id));
    ok(chain, trainer(1), bid(1, 120n * MAI, id));
    ok(chain, trainer(2), bid(2, 130n * MAI, id));
    ok(chain, trainer(3), bid(3, 90n * MAI, id));
    expect([1, 2, 3].map((i) => free - freeBalance(ctx, trainer(i)))).toEqual([
      120n * MAI,
      130n * MAI,
      90n * MAI,
    ]);
    assertMarket(ctx);
    ok(chain, trainer(3), on("withdraw_bid", id));
    noop(chain, trainer(3), on("withdraw_bid", id), "Marketplace.NoBid");
    noop(chain, trainer(3), on("withdraw_bid", 99), "Marketplace.NoOrder");
    assertMarket(ctx);
    noop(chain, buyer, on("take_bid", id, { trainer: trainer(3) }), "Marketplace.NoBid");
    noop(chain, stranger, on("take_bid", id, { trainer: trainer(1) }), "Marketplace.NotBuyer");
    ok(chain, buyer, on("take_bid", id, { trainer: trainer(1) }));
    expect(freeBalance(ctx, buyer)).toBe(endowment - 123n * MAI);
    expect([1, 2, 3].map((i) => free - freeBalance(ctx, trainer(i)))).toEqual([120n * MAI, 0n, 0n]);
    expect(storage.Orders.get(ctx, id)).toMatchObject({ state: "Accepted", price: 120n * MAI });
    noop(chain, buyer, on("take_bid", id, { trainer: trainer(2) }), "Marketplace.WrongState");
    noop(chain, trainer(2), bid(2, 100n * MAI, id), "Marketplace.WrongState");
    assertMarket(ctx);
  });

  test("are refused above the limit, below the least, for others' machines, by the buyer, and too late", () => {
    const chain = market();
    const { ctx } = chain;
    const id = place(chain);
    noop(chain, trainer(1), bid(1, 150n * MAI + 1n, id), "Marketplace.PriceAboveLimit");
    noop(chain, trainer(1), bid(1, 1n, id), "Marketplace.PriceTooLow");
    noop(chain, trainer(1), bid(2, MAI, id), "Marketplace.MachineUnavailable");
    noop(chain, stranger, bid(2, MAI, id), "Marketplace.MachineUnavailable");
    noop(chain, trainer(1), bid(1, MAI, 99), "Marketplace.NoOrder");
    const stored = machines.Machines.get(ctx, machine(1))!;
    machines.Machines.set(ctx, machine(1), { ...stored, measured: 1n });
    noop(chain, trainer(1), bid(1, MAI, id), "Marketplace.TooSlow");
    machines.Machines.set(ctx, machine(1), stored);
    staking.Trainers.mutateExists(ctx, trainer(1), (t) => t && { ...t, chilled: true });
    noop(chain, trainer(1), bid(1, MAI, id), "Marketplace.CannotWork");
    ok(chain, trainer(3), marketCall("place_order", { spec }));
    noop(chain, trainer(3), bid(3, MAI, 1), "Marketplace.SelfDealing");
    passDeadline(chain, id);
    noop(chain, trainer(2), bid(2, MAI, id), "Marketplace.NoOrder");
  });

  test("of more than ten, the dearest give way", () => {
    const chain = market(13);
    const id = place(chain);
    for (let i = 0; i < 10; i++) ok(chain, trainer(i), bid(i, BigInt(100 + i) * MAI, id));
    noop(chain, trainer(10), bid(10, 109n * MAI, id), "Marketplace.TooManyBids");
    ok(chain, trainer(10), bid(10, 50n * MAI, id));
    expect(storage.Bids.get(chain.ctx, id)).toHaveLength(10);
    expect(freeBalance(chain.ctx, trainer(9))).toBe(endowment - 1_000n * MAI);
    // Who has a bid may always change it.
    ok(chain, trainer(0), bid(0, 150n * MAI, id));
    assertMarket(chain.ctx);
  });

  test("a bidder that can no longer work is not taken", () => {
    const chain = market();
    const id = place(chain);
    ok(chain, trainer(1), bid(1, 90n * MAI, id));
    staking.Trainers.mutateExists(chain.ctx, trainer(1), (t) => t && { ...t, chilled: true });
    noop(chain, buyer, on("take_bid", id, { trainer: trainer(1) }), "Marketplace.CannotWork");
  });

  test("return when the order is cancelled or nobody is taken in time", () => {
    for (const end of ["cancel", "expire"]) {
      const chain = market();
      const { ctx } = chain;
      const id = place(chain);
      ok(chain, trainer(1), bid(1, 90n * MAI, id));
      ok(chain, trainer(2), bid(2, 80n * MAI, id));
      if (end === "cancel") ok(chain, buyer, on("cancel_order", id));
      else passDeadline(chain, id);
      expect(storage.Ended.get(ctx, id)?.outcome).toBe(end === "cancel" ? "Cancelled" : "Expired");
      for (const who of [trainer(1), trainer(2)])
        expect(freeBalance(ctx, who)).toBe(endowment - 1_000n * MAI);
      expect(freeBalance(ctx, buyer)).toBe(endowment);
      assertMarket(ctx);
    }
  });
});

describe("deadlines", () => {
  test("an order may be accepted in its last block and not after", () => {
    const chain = market();
    const id = placeDirect(chain);
    toBlock(chain, 21);
    ok(chain, trainer(0), on("accept_order", id));
    const late = place(chain, { machine: machine(0) });
    // The chain comes to it later, but nobody may act on it.
    const stored = storage.Orders.get(chain.ctx, late)!;
    storage.Orders.set(chain.ctx, late, { ...stored, deadline: blockNumber(chain.ctx) - 1 });
    for (const call of ["accept_order", "decline_order"]) {
      noop(chain, trainer(0), on(call, late), "Marketplace.DeadlinePassed");
    }
    noop(chain, buyer, on("cancel_order", late), "Marketplace.DeadlinePassed");
  });

  test("a trainer that accepts and does not start loses a tenth of its bond to the buyer", () => {
    const chain = market();
    const { ctx } = chain;
    const id = acceptDirect(chain);
    passDeadline(chain, id);
    expect(blockNumber(ctx)).toBe(102);
    expect(freeBalance(ctx, buyer)).toBe(endowment + 10n * MAI);
    expect(freeBalance(ctx, trainer(0))).toBe(endowment - 1_000n * MAI - 10n * MAI);
    expect(storage.Ended.get(ctx, id)?.outcome).toBe("Expired");
    expect(happened(ctx).at(-1)![1]).toMatchObject({
      refunded: 103n * MAI,
      penalty: 10n * MAI,
      state: "Accepted",
    });
    expect(storage.TrainerRecords.get(ctx, trainer(0))).toMatchObject({ accepted: 1, late: 1, completed: 0 });
    expect(storage.MachineRecords.get(ctx, machine(0))).toMatchObject({ accepted: 1, late: 1 });
    assertMarket(ctx);
  });

  test("a buyer may cancel after acceptance and before anything is trained, for nothing", () => {
    const chain = market();
    const { ctx } = chain;
    const id = acceptDirect(chain);
    noop(chain, stranger, on("cancel_order", id), "Marketplace.NotBuyer");
    ok(chain, buyer, on("cancel_order", id));
    expect(freeBalance(ctx, buyer)).toBe(endowment);
    expect(freeBalance(ctx, trainer(0))).toBe(endowment - 1_000n * MAI);
    const started = acceptDirect(chain);
    ok(chain, trainer(0), potCall("start", { order: started, link: person(1) }));
    ok(chain, buyer, on("cancel_order", started));
    expect(freeBalance(ctx, buyer)).toBe(endowment);
    expect(storage.TrainerRecords.get(ctx, trainer(0))).toMatchObject({ accepted: 2, void: 2 });
    assertMarket(ctx);
  });

  test("the record of an ended order is kept for a time, its number for ever", () => {
    const chain = market();
    const { ctx } = chain;
    const id = place(chain);
    ok(chain, buyer, on("cancel_order", id));
    const { until } = storage.Ended.get(ctx, id)!;
    expect(until).toBe(1 + 201_600);
    storage.Agenda.delete(ctx, until, id);
    storage.Agenda.set(ctx, 5, id, true);
    storage.Ended.mutateExists(ctx, id, (e) => e && { ...e, until: 5 });
    toBlock(chain, 5);
    expect(storage.Ended.get(ctx, id)).toBeUndefined();
    expect(happened(ctx).at(-1)).toEqual(["Marketplace.OrderForgotten", { order: id }]);
    expect(place(chain)).toBe(id + 1);
    expect(orderTopic(id)).toHaveLength(32);
  });

  test("a seed that is drawn late gives the trainer its time back", () => {
    const chain = market();
    const { ctx } = chain;
    const id = placeDirect(chain);
    ok(chain, trainer(0), on("accept_order", id));
    const { number } = { number: blockNumber(ctx) };
    storage.Agenda.delete(ctx, number + 1, id);
    toBlock(chain, number + 5);
    storage.Agenda.set(ctx, number + 1, id, true);
    storage.AgendaSince.set(ctx, number + 1);
    nextBlock(chain);
    expect(storage.Orders.get(ctx, id)).toMatchObject({ deadline: 101 + 5, deal: { due: 501 + 5 } });
    assertMarket(ctx);
  });
});
