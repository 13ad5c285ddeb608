import type { KeyringPair } from "@polkadot/keyring/types";
import { expect, test } from "vitest";
import { canaryOf } from "../../../../pallets/drilling/index.ts";
import { windows } from "../chain-file.ts";
import { answersOf, lie, salt, task, truth } from "../drill.ts";
import type { Act } from "../economy.ts";
import { numberIn, textIn, textsIn } from "../events.ts";
import { alice, amounts, bob, charlie, dave, eve, mai, named, owner, people, type World } from "../world.ts";

/** A project and those who compute for it. */
export function drillingStories(world: () => World): void {
  test("a task is approved, agreed on by those who were drawn, and paid", async () => {
    const { economy, ask } = world();
    await economy.act([owner, economy.tx("drilling", "registerProject", "stars", "https://stars")]);
    const published = await economy.act([owner, economy.tx("drilling", "publishTask", 0, task)]);
    // Two units, each of which may take four rewards.
    expect(numberIn(named(published, "Drilling.TaskPublished")[0]!, "budget")).toBe(8n * mai);
    await economy.act(...people.map((who): Act => [who, economy.tx("drilling", "voteTask", 0, true)]));
    await economy.until("Drilling.TaskApproved", () => true, windows.vote + 1);

    const story = economy.events.length;
    const gained = await economy.gainOf(owner, async () => {
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
    const { economy, ask } = world();
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

  test("a project's own answer finds a quorum out that lied together, and who does not reveal pays who did", async () => {
    const { economy, ask } = world();
    const commitments = [canaryOf(0, 0, truth, salt)];
    const spec = { ...task, canaries: { commitments, window: 8 } };
    await economy.act([owner, economy.tx("drilling", "publishTask", 0, spec)]);
    await economy.act(...people.map((who): Act => [who, economy.tx("drilling", "voteTask", 1, true)]));
    await economy.until("Drilling.TaskApproved", () => true, windows.vote + 1);
    const value = numberIn(named(economy.events, "Drilling.TaskPublished").at(-1)!, "value");
    const bond = (3n * value) / 2n;

    const first = answersOf(economy, { task: 1, unit: 0 });
    await economy.act(ask(bob), ask(charlie));
    await economy.until("Drilling.QuorumFormed", () => true, 2);
    await economy.act(first.commit(bob, lie), first.commit(charlie, lie));
    const agreed = await economy.act(first.reveal(bob, lie), first.reveal(charlie, lie));
    expect(named(agreed, "Drilling.UnitAgreed")).toHaveLength(1);
    await economy.act([owner, economy.tx("drilling", "openCanary", 1, 0, truth, salt)]);
    const honest = [alice, dave, eve];
    await economy.act(...honest.map(ask));
    await economy.until("Drilling.QuorumFormed", () => true, 2);
    await economy.act(...honest.map((who) => first.commit(who)));
    const settled = await economy.act(...honest.map((who) => first.reveal(who)));
    const slashes = named(settled, "TrainerStaking.Slashed");
    expect(slashes.map(({ fields }) => fields.reason)).toEqual(["CanaryFailed", "CanaryFailed"]);
    expect(slashes.map((event) => numberIn(event, "amount"))).toEqual([bond, bond]);

    const second = answersOf(economy, { task: 1, unit: 1 });
    await economy.act(ask(dave), ask(eve));
    await economy.until("Drilling.QuorumFormed", () => true, 2);
    await economy.act(second.commit(dave), second.commit(eve));
    await economy.act(second.reveal(eve));
    const [compensated] = [await economy.until("Drilling.SilenceCompensated", () => true, 8)];
    expect(compensated.fields).toMatchObject({ trainer: eve.address, from: dave.address });
    expect(numberIn(compensated, "amount")).toBe(bond / 4n);
    const fresh = [alice, bob, charlie];
    await economy.act(...fresh.map(ask));
    await economy.until("Drilling.QuorumFormed", () => true, 2);
    await economy.act(...fresh.map((who) => second.commit(who)));
    await economy.act(...fresh.map((who) => second.reveal(who)));
    // Nobody opens a canary of this one.
    await economy.until("Drilling.TaskClosed", () => true, 10);
    expect(await economy.failure(ask(dave))).toBe("drilling.Resting");
    const why = await economy.api.call.trainerApi!.explain!(dave.address);
    expect(why.toJSON()).toMatchObject({
      obstacles: expect.arrayContaining(["RestsFromDrilling", "NotAskingForWork"]),
      penalties: [{ reason: "FalseResult" }, { reason: "ResultNotRevealed" }],
    });
  });
}
