import { expect, test } from "vitest";
import { eventTopics } from "../../../docs/event-topics.ts";
import { Books } from "../books.ts";
import { numberIn, textIn } from "../events.ts";
import { checkTopics } from "../topics.ts";
import { alice, bob, drillers, named, people, type World } from "../world.ts";

interface Score {
  readonly total: string | number;
  readonly effective: string | number;
}

/** What no story tells. */
const rare = [
  "Poh.EquivocationReported",
  "TrainerStaking.Withdrawn",
  "Machines.MachineAvailable",
  "Machines.MachineUnavailable",
  "Drilling.TaskRejected",
  "Drilling.TaskClosing",
  "Drilling.RequestDropped",
  "Drilling.WindowExtended",
  "Drilling.UnitClosed",
  "Marketplace.OrderForgotten",
  "ProofOfTraining.WindowExtended",
  "Rewards.DrillingRewardSkipped",
  "Rewards.VestingForfeited",
  "Referenda.Rejected",
];

/** What an indexer knows in the end. */
export function booksStories(world: () => World): void {
  test("what has vested can be claimed, and drilling is paid from the pool", async () => {
    const { economy } = world();
    const [claimed] = named(
      await economy.act([alice, economy.tx("rewards", "claimVested")]),
      "Rewards.VestingClaimed",
    );
    expect(numberIn(claimed!, "amount")).toBeGreaterThan(0n);
    const paid = named(economy.events, "Rewards.DrillingRewarded");
    expect(new Set(paid.map((event) => textIn(event, "trainer")))).toEqual(
      new Set(drillers.map(({ address }) => address)),
    );
  });

  test("a trainer's record is what the events of its orders come to", async () => {
    const { economy } = world();
    const count = (...names: readonly string[]) =>
      economy.events.filter(({ name, fields }) => names.includes(name) && fields.trainer === bob.address)
        .length;
    const history = (await economy.api.call.marketplaceApi!.history!(bob.address)).toJSON();
    expect(history).toMatchObject({
      accepted: count("Marketplace.OrderAccepted"),
      completed: count("Marketplace.OrderCompleted"),
      failed: count("Marketplace.OrderRejected"),
      late: count("Marketplace.OrderExpired"),
      void: count("Marketplace.OrderCanceled", "Marketplace.OrderInconclusive", "Marketplace.OrderFaulted"),
    });
  });

  test("events are found under the accounts and ids that they are about", () => {
    const { wrong, seen } = checkTopics(world().economy.events);
    expect(wrong).toEqual([]);
    const all = Object.entries(eventTopics).flatMap(([pallet, list]) =>
      Object.keys(list).map((name) => `${pallet}.${name}`),
    );
    for (const name of all) expect([...seen, ...rare]).toContain(name);
  });

  test("who read nothing but events knows all balances, all scores, and how every order ended", async () => {
    const { economy } = world();
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
      const [drilled, trained] = [books.scoreOf(address, "Drilling"), books.scoreOf(address, "Training")];
      const told = (await api.call.computeScoreApi!.score!(address)).toJSON();
      expect(told).toMatchObject({ total: Number((4n * drilled.total + 6n * trained.total) / 10n) });
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
}
