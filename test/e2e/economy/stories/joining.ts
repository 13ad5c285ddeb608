import { u8aToHex } from "@polkadot/util";
import { expect, test } from "vitest";
import type { Act } from "../economy.ts";
import { numberIn, textIn } from "../events.ts";
import { MachineDaemon, registration } from "../trainer.ts";
import { alice, amounts, drillers, eve, inspectors, mai, named, people, type World } from "../world.ts";

/** Trainers and their machines. */
export function joiningStories(world: () => World): void {
  test("trainers register with keys of their node, and their machines prove what they are", async () => {
    const { economy } = world();
    expect([...(await world().weights()).keys()]).toEqual([alice.address]);
    const joining = people.filter((who) => who !== alice);
    await economy.act(...(await Promise.all(joining.map((who) => registration(economy, who, 1_000n * mai)))));
    const sealable = (who: (typeof people)[number]): Act => [
      who,
      economy.tx("trainerStaking", "setSealingKey", u8aToHex(who.publicKey)),
    ];
    const told = await economy.act(...people.map(sealable));
    expect(named(told, "TrainerStaking.SealingKeySet")).toHaveLength(people.length);
    await economy.act(...[...world().machines.values()].map((daemon) => daemon.add()));
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
    const { economy } = world();
    const liar = new MachineDaemon(economy, eve, 99, (product) => product.fill(1));
    await economy.act(liar.add());
    const failed = await economy.until("Machines.ChallengeFailed");
    // Five hundredths of the bond.
    expect(failed.fields).toMatchObject({ machine: liar.id, owner: eve.address, reason: "WrongEntry" });
    expect(numberIn(failed, "slashed")).toBe(50n * mai);
    await economy.act([eve, economy.tx("machines", "removeMachine", liar.id)]);
  });

  test("a trainer rests and comes back, and takes a part of its bond out, which stays on hold for long", async () => {
    const { economy } = world();
    const [who] = inspectors;
    const call = (name: string, ...args: unknown[]): Act => [
      who!,
      economy.tx("trainerStaking", name, ...args),
    ];
    const told = await economy.act(
      call("chill"),
      call("resume"),
      call("unbond", 100n * mai),
      call("bondExtra", 50n * mai),
    );
    for (const name of ["Chilled", "Resumed", "Unbonded", "Bonded"]) {
      expect(named(told, `TrainerStaking.${name}`)).toHaveLength(1);
    }
    expect(await economy.failure(call("withdrawUnbonded"))).toBe("trainerStaking.NothingToWithdraw");
    expect(await economy.failure(call("unbond", 900n * mai))).toBe("trainerStaking.BondTooLow");
    const held = (await economy.api.query.balances.holds(who!.address)).toJSON();
    expect(held).toMatchObject([{ id: { trainerStaking: "Bond" }, amount: Number(1_050n * mai) }]);
  });
}
