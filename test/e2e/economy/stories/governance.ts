import { expect, test } from "vitest";
import { windows } from "../chain-file.ts";
import type { Act } from "../economy.ts";
import { numberIn } from "../events.ts";
import { registration } from "../trainer.ts";
import { alice, bob, buyer, charlie, inspectors, mai, named, owner, type World } from "../world.ts";

/** What stake decides, and what may be taken back. */
export function governanceStories(world: () => World): void {
  test("stake decides what the treasury spends", async () => {
    const { economy } = world();
    const { treasury } = economy.api.tx;
    const gained = await economy.gainOf(buyer, async () => {
      const spend = treasury!.spendLocal!(10n * mai, buyer.address);
      await economy.act([alice, economy.tx("referenda", "propose", spend)]);
      // Seven hundredths of all there is.
      await economy.act([owner, economy.tx("referenda", "vote", 0, true, 1_000_000n * mai)]);
      await economy.until("Referenda.Approved", () => true, windows.votes + 1);
      const awarded = await economy.until("Treasury.Awarded", () => true, 4);
      expect(numberIn(awarded, "award")).toBe(10n * mai);
    });
    expect(gained).toBe(10n * mai);
  });

  test("what may be taken back is, and its deposits return", async () => {
    const { economy } = world();
    const by = (who: typeof alice, pallet: string, name: string, ...args: unknown[]): Act => [
      who,
      economy.tx(pallet, name, ...args),
    ];
    const parameter = economy.tx("referenda", "setParameter", "Referenda.MinSupport", 60_000);
    const gained = await economy.gainOf(owner, async () => {
      const told = await economy.act(
        by(bob, "drilling", "setPreferences", { maxBond: mai, refusedTasks: [] }),
        world().ask(charlie),
        by(charlie, "drilling", "requestWork", world().machineOf(charlie), 0),
        by(bob, "marketplace", "cancelOffer", world().machineOf(bob)),
        by(owner, "referenda", "propose", parameter),
        by(owner, "referenda", "vote", 1, false, mai),
        by(owner, "referenda", "removeVote", 1),
        by(owner, "referenda", "cancel", 1),
        by(owner, "drilling", "closeProject", 0),
        by(alice, "sudo", "sudo", parameter),
      );
      const [changed] = named(told, "Referenda.ParameterChanged");
      // So the client names `new`.
      expect(numberIn(changed!, "new_")).toBe(60_000n);
    });
    expect(gained).toBe(0n);
    const held = await economy.api.query.balances.holds(owner.address);
    expect(held.toJSON()).toEqual([]);
  });

  test("a trainer changes its keys, and leaves with its bond unbonding", async () => {
    const { economy } = world();
    const who = inspectors[1]!;
    const { args } = (await registration(economy, who, mai))[1];
    await economy.act([who, economy.tx("trainerStaking", "setKeys", ...args.slice(1))]);
    const left = await economy.act([who, economy.tx("trainerStaking", "deregister")]);
    expect(numberIn(named(left, "TrainerStaking.Unbonded")[0]!, "amount")).toBe(1_000n * mai);
    expect((await economy.api.query.trainerStaking!.trainers!(who.address)).isEmpty).toBe(true);
  });
}
