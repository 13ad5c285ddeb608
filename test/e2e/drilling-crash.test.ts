/**
 * A trainer's daemon, killed without warning at each step of drilling, and its node under it: every unit ends with the result that
 * nobody's crash could change, each member's part is credited once, and nothing is sent twice.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage } from "../../pallets/drilling/index.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { AgentProcess } from "./agents/agent-process.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle } from "./agents/chronicle.ts";
import { publishTask, registerProject, resultsOf, smallTask } from "./agents/drilling-task.ts";
import { isWaiting } from "./agents/extrinsics.ts";

let world: AgentsChain;
let told: Chronicle;
let owner: Signer;
let project: number;
let alice: AgentProcess;
let bob: AgentProcess;

/** Nobody is alone with a unit for such bonds: an audit would need two others. */
const drilling = { units: 2, maxBond: 10 };

beforeAll(async () => {
  world = await AgentsChain.open(2);
  told = new Chronicle(world.chain);
  owner = await signerOf("//Ferdie");
  [alice, bob] = ["Alice", "Bob"].map(
    (name) => new AgentProcess(world, name, true, { results: `file:results/${name}`, drilling }),
  ) as [AgentProcess, AgentProcess];
  for (const agent of [alice, bob]) agent.start();
});
afterAll(async () => {
  world?.goOn();
  await Promise.all([alice?.stop(), bob?.stop()]);
  await told?.close();
  await world?.close();
});

const about = (task: number, name: string) =>
  told.events.filter((each) => each.name === `Drilling.${name}` && each.fields.task === task);

/** Results that Alice has stored. */
const stored = () => globSync(join(world.storage, "results/Alice/*.safetensors")).length;

/** Kills Alice while an answer of hers waits in the pool, and no block is made. */
async function diesSending(): Promise<void> {
  const { account } = await signerOf("//Alice");
  const answers = ["Utility.force_batch", "Drilling.commit_result", "Drilling.reveal_result"];
  const isSending = async () => {
    const waiting = await Promise.all(answers.map((name) => isWaiting(world.chain, account, name)));
    return waiting.includes(true);
  };
  await alice.killWhen(async () => {
    if (!(await isSending())) return false;
    world.hold();
    if (await isSending()) return true;
    // It is in a block by now: the next is as good.
    world.goOn();
    return false;
  });
  world.goOn();
  alice.start();
}

/** Publishes a task of so many units with windows that outlast restarts; `trouble` happens from then on. */
async function drills(name: string, units: number, trouble: (task: number) => Promise<void>): Promise<void> {
  const spec = { ...(await smallTask(world, name, units)), commit_window: 900, reveal_window: 900 };
  const task = await publishTask(world, owner, project, spec);
  await trouble(task);
  const { fields } = await told.until(() => about(task, "TaskClosed")[0]);
  expect([fields.agreed, fields.failed]).toEqual([units, 0]);
  const results = await resultsOf(world, spec);
  const found = about(task, "UnitAgreed").map(({ fields: each }) => [each.unit, toHex(each.result)]);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(results.map((each, unit) => [unit, toHex(each)])),
  );
  // Each member's part once; who is trusted by then is asked alone.
  const members = about(task, "UnitAgreed").flatMap(({ fields: each }) => each.trainers);
  expect(about(task, "MemberPaid").length).toBe(members.length);
  const failures = ["System.ExtrinsicFailed", "Utility.ItemFailed", "TrainerStaking.Slashed"];
  expect(told.events.filter(({ name }) => failures.includes(name))).toEqual([]);
}

test("two trainers answer the challenges of their machines", async () => {
  project = await registerProject(world, owner);
  for (const place of [0, 1])
    await world.until(async () => {
      const id = await world.chain.read(machines.MachineAt, [place]);
      return (id && (await world.chain.read(machines.Machines, [id])))?.state === "Available" || undefined;
    });
});

test("killed when it has voted, asked, and computed, a trainer goes on, and says nothing twice", () =>
  drills("before", 4, async () => {
    for (const step of [/: voted /, /: told its wishes /, /: asked for work /, /: drilled /])
      await alice.crashAt(step);
  }));

test("killed with an answer under way, and before and after its result is stored and revealed, it comes to the same result", () =>
  drills("answers", 8, async () => {
    await diesSending();
    await alice.crashAt(/: committed to its result /);
    const before = stored();
    await alice.killWhen(() => stored() > before);
    alice.start();
    await alice.crashAt(/: revealed its result /);
  }));

test("with its node killed under it, every unit ends as it should", () =>
  drills("node", 6, async (task) => {
    await told.until(() => about(task, "ResultCommitted")[0]);
    await world.crash(500);
  }));

test("an agent that is drained takes its request back, and ends", async () => {
  const asks = async (name: string) =>
    world.chain.read(storage.Asking, [(await signerOf(`//${name}`)).account]);
  await alice.drain();
  await publishTask(world, owner, project, await smallTask(world, "alone", 2));
  await world.until(async () => (await asks("Bob")) || undefined);
  const withdrawn = bob.says(/: asks for no more work$/);
  await bob.drain();
  await withdrawn;
  expect([await asks("Alice"), await asks("Bob")]).toEqual([false, false]);
});
