/** Agents that drill a project's tasks: they vote, ask, compute, commit and reveal; what cannot be done is refused, and who lies pays. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as drilling } from "../../pallets/drilling/index.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import { textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import type { DrillingOptions } from "../../trainer/agent/options.ts";
import { scoreOf } from "../../trainer/client/queries.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { fetchResult } from "../../trainer/drilling/stored.ts";
import { openStore } from "../../trainer/storage/store.ts";
import { audit } from "./agents/accounts.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle, type Happened } from "./agents/chronicle.ts";
import { digitsOrder } from "./agents/digits-order.ts";
import { publishTask, registerProject, resultsOf, smallTask } from "./agents/drilling-task.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";
import { Liar } from "./agents/liar.ts";
import { placeOrder } from "./agents/place-order.ts";

const mai = 10n ** 12n;
const names = ["Alice", "Bob", "Charlie", "Dave", "Eve"] as const;
const options: DrillingOptions = {
  units: 4,
  besideOrders: true,
  vote: "recount",
  refuse: [],
  // Nobody is alone with a unit for such bonds: whoever checks an audit or a dispute must be somebody else.
  maxBond: 10n * mai,
};
/** Of the machine in a place. */
const idOf = (place: number) => new Uint8Array(16).fill(place + 1);

let world: AgentsChain;
let told: Chronicle;
let owner: Signer;
let project: number;
let signers: Signer[];
const agents: Honest[] = [];

beforeAll(async () => {
  world = await AgentsChain.open(names.length, { voteWindow: 30 });
  told = new Chronicle(world.chain);
  owner = await signerOf("//Ferdie");
  signers = await Promise.all(names.map((name) => signerOf(`//${name}`)));
  for (const [place, name] of names.entries()) {
    // Eve's machine is kept available, and nothing else is done for her.
    const drills = { drilling: options, results: `file:results/${name}` };
    agents.push(await honest(world, name, { machine: hireable(place + 1), ...(name !== "Eve" && drills) }));
  }
  project = await registerProject(world, owner);
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await told?.close();
  await world?.close();
});

const nameOf = (account: Uint8Array) =>
  names[signers.findIndex((signer) => toHex(signer.account) === toHex(account))];
const about = (task: number, name: string): Happened[] =>
  told.events.filter((each) => each.name === `Drilling.${name}` && each.fields.task === task);
const first = (task: number, name: string) => told.until(() => about(task, name)[0]);
const said = (pattern: RegExp) => agents.flatMap(({ lines }) => lines.filter((line) => pattern.test(line)));

/** All money is where the events say, and none was made. */
async function balanced(): Promise<void> {
  const { told: byEvents, found, issued, sum } = await audit(world.chain, told.events, told.block);
  expect(found).toEqual(byEvents);
  expect(sum).toBe(issued);
}

/** Resolves when all machines have answered their challenges. */
async function machinesReady(): Promise<void> {
  for (const place of names.keys())
    await world.until(async () => {
      const found = await world.chain.read(machines.Machines, [idOf(place)]);
      return found?.state === "Available" || undefined;
    });
}

/** Tasks that nobody should approve of, published beside a good one. */
const faulty: number[] = [];

test("a task is approved by those who counted it again, and drilled to its end; members are credited and paid, and results are found", async () => {
  await machinesReady();
  const spec = await smallTask(world, "first", 12);
  const task = await publishTask(world, owner, project, spec);
  faulty.push(
    await publishTask(world, owner, project, { ...spec, difficulty: spec.difficulty + 1n }),
    await publishTask(world, owner, project, {
      ...spec,
      model: { ...spec.model, uri: textBytes("file:nowhere.onnx") },
    }),
  );
  await first(task, "TaskApproved");
  const votes = about(task, "TaskVoted").map(({ fields }) => [nameOf(fields.voter), fields.aye]);
  expect(votes.toSorted()).toEqual(["Alice", "Bob", "Charlie", "Dave"].map((name) => [name, true]));
  const { fields: end } = await first(task, "TaskClosed");
  expect([end.agreed, end.failed]).toEqual([12, 0]);

  const agreed = about(task, "UnitAgreed").map(({ fields }) => fields);
  const results = await resultsOf(world, spec);
  for (const { unit, result } of agreed) expect(toHex(result)).toBe(toHex(results[unit]!));
  const paid = about(task, "MemberPaid").map(({ fields }) => fields);
  expect(paid.length).toBe(agreed.flatMap(({ trainers }) => trainers).length);
  for (const { work, reward } of paid) expect([work, reward]).toEqual([spec.difficulty, spec.reward]);
  await balanced();

  for (const { account } of signers.slice(0, 4)) {
    const own = paid.filter(({ trainer }) => toHex(trainer) === toHex(account));
    const genesis = await world.chain.request<string>("chain_getBlockHash", 0);
    const score = await scoreOf(world.chain, account);
    const before = await scoreOf(world.chain, account, genesis);
    expect(score.drilling.total - before.drilling.total).toBe(BigInt(own.length) * spec.difficulty);
  }

  const store = openStore({ files: { root: world.storage } });
  for (const { unit, trainers, result } of agreed)
    for (const trainer of trainers) {
      const base = (await world.chain.read(drilling.Preferences, [trainer]))?.results;
      const at = Buffer.from(base!).toString();
      expect(at).toBe(`file:results/${nameOf(trainer)}`);
      const to = join(mkdtempSync(join(world.folder, "found-")), String(unit));
      expect((await fetchResult(store, at, result, to)).length).toBeGreaterThan(0);
    }
  await store.close();
});

test("tasks whose difficulty is wrong, or whose files cannot be had, are voted down with the reason", async () => {
  for (const task of faulty) {
    await first(task, "TaskRejected");
    const votes = about(task, "TaskVoted").map(({ fields }) => fields.aye);
    expect(new Set(votes)).toEqual(new Set([false]));
  }
  const [miscounted, unreachable] = faulty;
  const reasons = [
    new RegExp(`voted .*"task":${miscounted},.*its difficulty is \\d+ uut a unit, not`),
    new RegExp(`voted .*"task":${unreachable},.*NotFound`),
  ];
  for (const reason of reasons) expect(said(reason).length).toBeGreaterThan(0);
});

test("a trainer that lies about units is outvoted, and its bonds pay those whose work it made worthless", async () => {
  const lie = new Uint8Array(32).fill(66);
  const eve = new Liar(world, signers[4]!, idOf(4), 3, lie);
  const task = await publishTask(world, owner, project, await smallTask(world, "lied-about", 8));
  const { fields: end } = await first(task, "TaskClosed");
  await eve.close();
  expect([end.agreed, end.failed]).toEqual([8, 0]);
  for (const { fields } of about(task, "UnitAgreed")) expect(toHex(fields.result)).not.toBe(toHex(lie));
  const settled = about(task, "SeatSettled").map(({ fields }) => fields);
  const liars = settled.filter(({ trainer }) => nameOf(trainer) === "Eve");
  expect(liars.length).toBeGreaterThan(0);
  for (const { outcome, returned, taken } of liars) {
    expect([outcome, returned]).toEqual(["Refuted", 0n]);
    expect(taken).toBeGreaterThan(0n);
  }
  // Of every round that she spoiled, the other member has what its credit was worth.
  const wronged = settled.filter(({ compensated }) => compensated > 0n);
  expect(wronged.map(({ unit }) => unit).sort()).toEqual(liars.map(({ unit }) => unit).sort());
  expect(about(task, "MemberPaid").some(({ fields }) => nameOf(fields.trainer) === "Eve")).toBe(false);
  const slashes = told.events.filter(({ name }) => name === "TrainerStaking.Slashed");
  expect(new Set(slashes.map(({ fields }) => nameOf(fields.trainer)))).toEqual(new Set(["Eve"]));
  await balanced();
});

test("two orders are trained, inspected and paid while their trainer and the inspectors drill", async () => {
  const spec = await digitsOrder(world.storage, idOf(0), 1);
  const task = await publishTask(world, owner, project, await smallTask(world, "beside", 30));
  await first(task, "TaskApproved");
  const orders = [await placeOrder(world.chain, owner, spec), await placeOrder(world.chain, owner, spec)];
  for (const order of orders) expect((await told.ended(order)).outcome).toBe("Completed");
  expect((await first(task, "TaskClosed")).fields.agreed).toBe(30);
  await balanced();
});

test("a task whose units vanish is refused by whoever was given one, and given to nobody again", async () => {
  const spec = await smallTask(world, "vanishing", 20);
  const task = await publishTask(world, owner, project, { ...spec, commit_window: 20 });
  await told.until(() => about(task, "TaskVoted")[3]);
  rmSync(join(world.storage, "vanishing/inputs"), { recursive: true });
  await first(task, "QuorumFormed");
  const members = await told.until(() => {
    const silent = about(task, "SeatSettled").filter(({ fields }) => fields.outcome === "NotCommitted");
    return silent.length > 0 ? silent.map(({ fields }) => fields.trainer as Uint8Array) : undefined;
  });
  for (const member of members)
    await world.until(async () => {
      const wishes = await world.chain.read(drilling.Preferences, [member]);
      return wishes?.refused_tasks.includes(task) || undefined;
    });
  expect(said(new RegExp(`refuses a task .*"task":${task},.*NotFound`)).length).toBeGreaterThan(0);
  expect(about(task, "MemberPaid")).toEqual([]);
});
