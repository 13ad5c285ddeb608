/**
 * Long random plays of all calls by honest, lying, copying, silent and absent trainers and by a project that means well or
 * not. After every step money is on hold for what is recorded; in the end events alone tell every score and every balance.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { maxU128 } from "../../runtime/primitives/amounts.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { freeBalance, reservedBalance } from "../balances/index.ts";
import { type Credit, credit, scoreOf } from "../compute-score/index.ts";
import { storage as machines } from "../machines/index.ts";
import { checkMachines } from "../machines/testing/invariants.ts";
import { machineCall, machineIdOf, type World } from "../machines/testing/world.ts";
import { storage as poh } from "../poh/index.ts";
import { clearEvents, happened, person, testChain } from "../testing/chain.ts";
import { storage as timestamp } from "../timestamp/index.ts";
import { bondOf } from "../trainer-staking/index.ts";
import * as Drilling from "./index.ts";
import { checkDrilling } from "./testing/invariants.ts";
import {
  byOwner,
  drillCall,
  drillWorld,
  hashOf,
  owner,
  reward,
  saltOf,
  spec,
  truthOf,
} from "./testing/world.ts";

const { storage } = Drilling;
const people = 9;
const canarySalt = person(42);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("ask" as const), who: fc.nat(3), units: fc.nat(3) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("work" as const), mood: fc.nat(99), which: fc.nat(7) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      blocks: fc.oneof(
        { weight: 6, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 12 }) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      quorum: fc.integer({ min: 1, max: 4 }),
      units: fc.nat(5),
      pays: fc.boolean(),
      canary: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("vote" as const),
      who: fc.nat(people),
      task: fc.nat(3),
      aye: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("canary" as const), task: fc.nat(3), honest: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("mischief" as const),
      who: fc.nat(people),
      what: fc.nat(5),
      task: fc.nat(3),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Tries a call; what it may answer is tested elsewhere. */
const attempt = (world: World, call: ReturnType<typeof drillCall>, who: Uint8Array): boolean =>
  world.ctx.dispatch(call, signedOrigin(who)).ok;

function act(world: World, action: Step): void {
  const { ctx } = world;
  if (action.do === "pass") world.next(action.blocks);
  else if (action.do === "ask") {
    // One alone, or everybody; nobody rests for long here.
    for (let n = 1; n <= people; n++) {
      if (action.who > 0 && action.who !== n) continue;
      storage.Records.mutate(ctx, person(n), (record) => ({ ...record, rests_until: 0 }));
      const request = { machine: machineIdOf(n), max_units: action.units };
      attempt(world, drillCall("request_work", request), person(n));
    }
  } else if (action.do === "publish") {
    const task = storage.NextTask.get(ctx);
    const commitments = [0, 1].map((unit) => {
      return Drilling.canaryOf(
        0,
        unit,
        unit === 0 ? truthOf({ task, unit }) : hashOf("false canary"),
        canarySalt,
      );
    });
    const canaries = action.canary
      ? { commitments: commitments.slice(0, 1 + (action.units > 99 ? 1 : 0)), window: 9 }
      : undefined;
    const { quorum, units } = action;
    const published = spec({
      quorum,
      units,
      canaries,
      reward: action.pays ? reward : 0n,
      commit_window: 3,
      reveal_window: 3,
    });
    if (attempt(world, drillCall("publish_task", { project: 0, spec: published }), owner)) {
      for (let n = 1; n <= 4; n++) attempt(world, drillCall("vote_task", { task, aye: true }), person(n));
    }
  } else if (action.do === "vote") {
    attempt(world, drillCall("vote_task", { task: action.task, aye: action.aye }), person(action.who));
  } else if (action.do === "canary") {
    const key = { task: action.task, unit: 0 };
    const result = action.honest ? truthOf(key) : hashOf("a lie");
    attempt(world, drillCall("open_canary", { ...key, result, salt: canarySalt }), owner);
  } else if (action.do === "mischief") mischief(world, action.what, action.who, action.task);
  else work(world, action.mood, action.which);
}

/** Members of one unit, or all of one stage, do what they have to, each in its mood. */
function work(world: World, mood: number, which: number): void {
  const units = [...storage.Units.iterate(world.ctx)];
  for (const [task, unit, found] of units.slice(which === 6 ? 1 : 0)) {
    const key = { task, unit };
    for (const [i, { trainer }] of found.seats.entries()) {
      const kind = (mood * 7 + i * 5 + unit * 3) % 24;
      if (kind === 23) continue;
      const lies = kind === 22 || trainer[0]! <= 2 || (which === 7 && found.past.length === 0);
      const result = lies ? hashOf(`lie ${mood % 2}`) : truthOf(key);
      const salt = saltOf(trainer);
      if (found.state === "Committing") {
        const of = kind === 21 ? found.seats[0]!.trainer : trainer;
        const commitment = Drilling.commitmentOf(key, of, result, salt);
        attempt(world, drillCall("commit_result", { ...key, commitment }), trainer);
      } else {
        for (const told of [truthOf(key), hashOf("lie 0"), hashOf("lie 1")]) {
          attempt(world, drillCall("reveal_result", { ...key, result: told, salt }), trainer);
        }
      }
    }
  }
}

function mischief(world: World, what: number, who: number, task: number): void {
  const { ctx } = world;
  if (what === 0) attempt(world, drillCall("close_task", { task }), owner);
  if (what === 1) attempt(world, machineCall("remove_machine", { id: machineIdOf(who) }), person(who));
  if (what === 2) attempt(world, drillCall("close_project", { project: 0 }), owner);
  if (what === 3) {
    const preferences = { max_bond: who % 2 === 0 ? 0n : maxU128, refused_tasks: [task], results: undefined };
    attempt(world, drillCall("set_preferences", { preferences }), person(who));
  }
  if (what === 4) storage.Records.mutate(ctx, person(who), (record) => ({ ...record, streak: 10 }));
  if (what === 5 && machines.Machines.exists(ctx, machineIdOf(who))) {
    poh.EpochIndex.mutate(ctx, (epoch) => epoch + 1n);
    const activity = { whetstone: 1, utilisation: 1, memory: 1, energy: undefined, record: person(1) };
    for (let n = 1; n <= people; n++)
      attempt(world, machineCall("heartbeat", { id: machineIdOf(n), activity }), person(n));
  }
}

type Event = [name: string, fields: Record<string, unknown>];

/** The scores that somebody finds who has read nothing but events. */
function replayed(events: readonly Event[]) {
  const { ctx } = testChain();
  for (const [name, fields] of events) {
    if (name !== "ComputeScore.Credited") continue;
    timestamp.Now.set(ctx, fields.at as bigint);
    credit(ctx, fields as unknown as Credit);
  }
  return ctx;
}

test("whatever happens: issuance, holds, deadlines, scores and balances are what events and records say", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 120 }), (steps) => {
      const world = drillWorld(people);
      const { ctx } = world;
      const events: Event[] = [];
      const collect = () => {
        events.push(...(happened(ctx) as Event[]));
        clearEvents(ctx);
      };
      clearEvents(ctx);
      const everybody = [owner, ...Array.from({ length: people }, (_, i) => person(i + 1))];
      const total = (who: Uint8Array) => freeBalance(ctx, who) + reservedBalance(ctx, who);
      const before = new Map(everybody.map((who) => [toHex(who), total(who)]));
      const first: Step[] = [1, 2].map(() => ({
        do: "publish",
        quorum: 2,
        units: 4,
        pays: true,
        canary: true,
      }));
      for (const action of [
        ...first,
        { do: "pass", blocks: 7 } as Step,
        { do: "pass", blocks: 4 } as Step,
        ...steps,
      ]) {
        // Blocks one by one, so that no events are lost.
        if (action.do === "pass") {
          for (let i = 0; i < action.blocks; i++) {
            world.next();
            collect();
          }
        } else act(world, action);
        collect();
        checkDrilling(ctx);
      }
      checkMachines(ctx);
      const other = replayed(events);
      const at = timestamp.Now.get(ctx);
      for (const who of everybody) {
        expect(scoreOf(ctx, who, at)).toEqual(scoreOf(other, who, at));
        expect(total(who) - before.get(toHex(who))!, "by events").toBe(changeOf(events, who));
        expect(bondOf(ctx, who) >= 0n).toBe(true);
      }
    }),
    { numRuns: 15 },
  );
});

/** What an account gained, as the pallet's events tell it. */
function changeOf(events: readonly Event[], who: Uint8Array): bigint {
  const is = (account: unknown) => toHex(account as Uint8Array) === toHex(who);
  const isOwner = is(owner);
  let sum = 0n;
  for (const [name, fields] of events) {
    const of = (field: string) => fields[field] as bigint;
    const isMine = fields.trainer !== undefined && is(fields.trainer);
    if (name === "Drilling.SilenceCompensated" && isMine) sum += of("amount");
    if (name === "Drilling.MemberPaid") sum += (isMine ? of("reward") : 0n) - (isOwner ? of("reward") : 0n);
    if (name === "Drilling.SeatSettled") {
      if (isMine) sum += of("compensated") + of("from_project") - of("taken");
      if (isOwner) sum -= of("from_project");
    }
  }
  return sum;
}

test("strangers and the project's owner can do nothing that the calls do not offer them", () => {
  const world = drillWorld(1);
  expect(attempt(world, drillCall("close_project", { project: 0 }), person(99))).toBe(false);
  expect(world.ctx.dispatch(drillCall("close_project", { project: 0 }), byOwner).ok).toBe(true);
});
