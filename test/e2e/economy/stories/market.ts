import type { KeyringPair } from "@polkadot/keyring/types";
import { u8aToHex } from "@polkadot/util";
import { expect, test } from "vitest";
import { epochLength } from "../chain-file.ts";
import type { Act } from "../economy.ts";
import { numberIn } from "../events.ts";
import { about, accepted, fee, type Market, price, spec, terms, work } from "../market.ts";
import { amounts, bob, buyer, charlie, inspectors, mai, named, people, type World } from "../world.ts";

/** Orders, and the ends that need no dispute. */
export function marketStories(world: () => World): void {
  test("all who registered may author, inspect and vote from the third epoch on", async () => {
    const { economy } = world();
    while ((await world().weights()).size < people.length) await economy.block();
    expect([...(await world().weights()).keys()].sort()).toEqual(people.map(({ address }) => address).sort());
  });

  test("a buyer is quoted, and served: trained, anchored, proved, inspected and paid to the unit", async () => {
    const { economy, market } = world();
    const machine = world().machineOf(bob);
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
    const { economy } = world();
    const before = (await world().weights()).get(bob.address)!;
    for (let i = 0; i < 3 * epochLength; i++) await economy.block();
    const after = await world().weights();
    expect(after.get(bob.address)).toBeGreaterThan(before);
    expect(after.get(inspectors[0]!.address)).toBe(0n);
  });

  test("an order that nobody is bound to costs its buyer nothing", async () => {
    const { economy, market } = world();
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
    const { economy, market } = world();
    const order = await market.place({ machine: null });
    const bid = (who: KeyringPair, price: bigint): Act => [
      who,
      economy.tx("marketplace", "bid", order, price, world().machineOf(who)),
    ];
    await economy.act(bid(bob, 90n * mai), bid(charlie, 95n * mai));
    const open = (await economy.api.call.marketplaceApi!.openOrders!(0, 10)).toJSON();
    // The pool decides which of the two comes first.
    const bids = [bob, charlie].map(({ address }) => expect.objectContaining({ trainer: address }));
    expect(open).toMatchObject([{ id: order, bids: expect.arrayContaining(bids) }]);
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

  test("validation data and keys are released to those who need them, when they do", async () => {
    const { economy, market } = world();
    const envelope = u8aToHex(new Uint8Array(80).fill(1));
    const order = await market.accept({ validation: "Released" });
    await market.trainOn(order, spec.checkpoints);
    const byBuyer = (call: string, ...args: unknown[]): Act => [
      buyer,
      economy.tx("proofOfTraining", call, order, ...args),
    ];
    expect(await economy.failure(byBuyer("releaseValidation", "ipfs:data"))).toBe(
      "proofOfTraining.NoInspection",
    );
    const [inspector] = await market.submit(order);
    const told = await economy.act(
      byBuyer("releaseValidation", "ipfs:data"),
      byBuyer("releaseKey", inspector, "ValidationData", envelope),
    );
    expect(named(told, "ProofOfTraining.ValidationReleased")).toHaveLength(1);
    expect(named(told, "ProofOfTraining.KeyReleased")[0]?.fields).toMatchObject({
      to: inspector,
      key: envelope,
    });
    const kept = () => economy.api.query.marketplace!.releasedKeys!.keys(order);
    expect(await kept()).toHaveLength(1);
    expect(await economy.failure(byBuyer("releaseValidation", "ipfs:data"))).toBe(
      "proofOfTraining.AlreadyReleased",
    );
    await market.judge(order, accepted, accepted, accepted);
    await market.ended(order, "OrderCompleted");
    expect(await kept()).toEqual([]);
  });

  test("a training that the buyer cancels is paid as far as it was anchored and inspected", async () => {
    const { economy, market } = world();
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
    ["Accepted", (market: Market) => market.accept()],
    ["Training", (market: Market) => market.train(1)],
  ])("a trainer that is silent when %s pays a tenth of its bond", async (state, begin) => {
    const { economy, market } = world();
    const gained = await economy.gainOf(buyer, async () => {
      const ended = await market.ended(await begin(market), "OrderExpired");
      expect(ended.fields.state).toBe(state);
      expect(amounts(ended, "refunded", "penalty")).toEqual([price + fee, 10n * mai]);
    });
    expect(gained).toBe(10n * mai);
  });
}
