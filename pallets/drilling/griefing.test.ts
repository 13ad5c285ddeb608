/**
 * What liars can do to the honest. First the worst case, one liar in every round of a unit; then whole populations, drawn
 * by the chain itself, in which a part lies always and together.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { scoreOf } from "../compute-score/index.ts";
import type { World } from "../machines/testing/world.ts";
import { happened, MAI, person } from "../testing/chain.ts";
import * as Drilling from "./index.ts";
import { checkDrilling } from "./testing/invariants.ts";
import {
  approvedTask,
  ask,
  difficulty,
  drillWorld,
  hashOf,
  membersOf,
  play,
  truthOf,
  unitAt,
} from "./testing/world.ts";

const { storage, taskBondReason } = Drilling;
const wealth = (world: World, who: Uint8Array) =>
  freeBalance(world.ctx, who) + balanceOnHold(world.ctx, taskBondReason, who);

test("one liar in each round loses more than the honest members of all rounds, who lose nothing", () => {
  const rounds = fc.array(fc.record({ seat: fc.nat(6), lie: fc.nat(2) }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 7 }), rounds, (quorum, plan) => {
      const world = drillWorld(28);
      const key = { task: approvedTask(world, { units: 1, quorum }), unit: 0 };
      const { value } = storage.Tasks.get(world.ctx, key.task)!;
      for (let n = 1; n <= 28; n++) ask(world, n);
      world.next();
      const before = new Map<Uint8Array, bigint>();
      const liars = new Set<Uint8Array>();
      const harmed = new Set<Uint8Array>();
      for (let round = 0; unitAt(world, key); round++) {
        const members = membersOf(world, key);
        const step = plan[round];
        const liar = step && members[step.seat % members.length]!;
        if (liar) liars.add(liar);
        for (const who of members) {
          before.set(who, wealth(world, who));
          if (liar && who !== liar) harmed.add(who);
        }
        play(world, key, (who) => (who === liar ? hashOf(`lie ${step!.lie}`) : truthOf(key)));
        if (unitAt(world, key)) world.next();
      }
      const change = (who: Uint8Array) => wealth(world, who) - before.get(who)!;
      let lost = 0n;
      for (const who of liars) lost -= change(who);
      for (const who of harmed) expect(change(who)).toBe(value);
      expect(lost).toBeGreaterThan(value * BigInt(harmed.size));
      checkDrilling(world.ctx);
    }),
    { numRuns: 12, seed: 5 },
  );
});

describe.each([2, 3])("quorums of %i", (quorum) => {
  test.each([10, 20, 30])(
    "with %i in a hundred who lie together: they lose more than they do harm",
    (percent) => {
      const people = 30;
      const lying = (people * percent) / 100;
      const isLiar = (who: Uint8Array) => who[0]! <= lying;
      const lie = hashOf("what they agreed on");
      const world = drillWorld(people);
      const units = 80;
      const task = approvedTask(world, { units, quorum, reward: MAI });
      const { value, reward } = storage.Tasks.get(world.ctx, task)!;
      const everybody = Array.from({ length: people }, (_, i) => person(i + 1));
      const start = everybody.map((who) => wealth(world, who));
      let truths = 0;
      let lies = 0;
      let honestResults = 0n;
      for (let blocks = 0; storage.Tasks.exists(world.ctx, task); blocks++) {
        expect(blocks).toBeLessThan(2_000);
        storage.Records.clear(world.ctx, []);
        for (const [who, { seats }] of seatsOf(world))
          storage.Records.set(world.ctx, who, { streak: 0, rests_until: 0, seats });
        for (let n = 1; n <= people; n++) if (!storage.Asking.get(world.ctx, person(n))) ask(world, n);
        world.next();
        for (const [, unit, found] of [...storage.Units.iterate(world.ctx)]) {
          if (found.state !== "Committing") continue;
          const key = { task, unit };
          honestResults += BigInt(found.seats.filter(({ trainer }) => !isLiar(trainer)).length);
          play(world, key, (who) => (isLiar(who) ? lie : truthOf(key)));
        }
        for (const [name, fields] of happened(world.ctx)) {
          if (name !== "Drilling.UnitAgreed") continue;
          const isLie = equalBytes((fields as { result: Uint8Array }).result, lie);
          if (isLie) lies++;
          else truths++;
        }
      }
      let lost = 0n;
      let harm = honestResults * value;
      for (const [i, who] of everybody.entries()) {
        const gained = wealth(world, who) - start[i]!;
        // What a credit is worth beside the reward.
        const credits = (scoreOf(world.ctx, who).drilling.total / difficulty) * (value - reward);
        if (isLiar(who)) lost -= gained + credits;
        else harm -= gained + credits;
      }
      expect(truths + lies).toBeGreaterThan(units * 0.8);
      expect(truths).toBeGreaterThan(4 * lies);
      expect(lost > harm, `lost ${lost}, harm ${harm}`).toBe(true);
      expect(lost > 0n).toBe(true);
    },
  );
});

/** How many seats each trainer has now. */
function seatsOf(world: World): [Uint8Array, { seats: number }][] {
  const counts = new Map<number, number>();
  for (const [, , { seats, past }] of storage.Units.iterate(world.ctx)) {
    for (const { trainer } of [...seats, ...past])
      counts.set(trainer[0]!, (counts.get(trainer[0]!) ?? 0) + 1);
  }
  return [...counts].map(([n, seats]) => [person(n), { seats }]);
}
