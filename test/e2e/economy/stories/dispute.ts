import { expect, test } from "vitest";
import { numberIn } from "../events.ts";
import { accepted, faulted, fee, price, rejected } from "../market.ts";
import { amounts, buyer, mai, named, type World } from "../world.ts";

/** Proofs that are false, doubtful or impossible. */
export function disputeStories(world: () => World): void {
  test("a proof is rejected by a rule with its value and threshold; the bond is shared out", async () => {
    const { economy, market } = world();
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
    const { economy, market } = world();
    const order = await market.prove();
    await market.judge(order, accepted, accepted);
    const ended = await market.ended(order, "OrderCompleted");
    expect(amounts(ended, "inspection", "refunded")).toEqual([2n * mai, mai]);
    const silent = named(economy.events, "TrainerStaking.Slashed").at(-1)!;
    expect(silent.fields.reason).toBe("VerdictNotRevealed");
    expect(numberIn(silent, "amount")).toBe(price / 3n / 4n);
  });

  test("two panels without a majority leave everybody what they had, and those who spoke their fee", async () => {
    const { economy, market } = world();
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
    const { economy, market } = world();
    const gained = await economy.gainOf(buyer, async () => {
      const order = await market.train(1);
      await market.submit(order, "Unreachable");
      await market.judge(order, faulted, faulted, faulted);
      const ended = await market.ended(order, "OrderFaulted");
      expect(amounts(ended, "paid", "inspection", "refunded")).toEqual([0n, fee, price]);
    });
    expect(gained).toBe(-fee);
  });

  test("a fault that is none counts as a deadline missed", async () => {
    const { economy, market } = world();
    const gained = await economy.gainOf(buyer, async () => {
      const order = await market.train(1);
      await market.submit(order, "BadData");
      await market.judge(order, rejected, rejected, rejected);
      expect(named(economy.events, "ProofOfTraining.FaultDenied").at(-1)?.fields.order).toBe(order);
      const ended = await market.ended(order, "OrderExpired");
      expect(amounts(ended, "inspection", "refunded", "penalty")).toEqual([fee, price, price / 10n]);
    });
    expect(gained).toBe(price / 10n - fee);
  });

  test("an appeal overturns a wrong ruling, and those who gave it lose their bonds", async () => {
    const { economy, market } = world();
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
}
