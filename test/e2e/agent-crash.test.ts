/**
 * A trainer's daemon and an inspector's, killed without warning at each step of an order, and their node under them: the order
 * ends as if nothing had happened, with the very package of a training that nobody interrupted, and nothing is sent twice.
 */
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { openDevice } from "../../trainer/engine/device/device.ts";
import { openJob } from "../../trainer/job/open-job.ts";
import type { Hash } from "../../trainer/proof/canonical.ts";
import { Package } from "../../trainer/proof/package.ts";
import { record } from "../../trainer/proof/record.ts";
import { hashFile } from "../../trainer/storage/content-hash.ts";
import { sealKeys } from "../../trainer/storage/sealed.ts";
import { openStore } from "../../trainer/storage/store.ts";
import { AgentProcess } from "./agents/agent-process.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle } from "./agents/chronicle.ts";
import { isWaiting, sentIn } from "./agents/extrinsics.ts";
import { placeOrder } from "./agents/place-order.ts";
import { type SealedOrder, sealedOrder } from "./agents/sealed-order.ts";

const names = ["Alice", "Bob", "Charlie", "Dave"] as const;

let world: AgentsChain;
let told: Chronicle;
let agents: AgentProcess[];
let trainer: AgentProcess;
let inspector: AgentProcess;
let buyer: Signer;
let bought: SealedOrder;
const accounts: Record<string, Uint8Array> = {};

beforeAll(async () => {
  // Windows outlast restarts on a machine that has other things to do.
  world = await AgentsChain.open(names.length, { commitWindow: 2_000, releaseWindow: 1_000 });
  told = new Chronicle(world.chain);
  buyer = await signerOf("//Ferdie");
  for (const name of names) accounts[name] = (await signerOf(`//${name}`)).account;
  agents = names.map((name, i) => new AgentProcess(world, name, i === 0));
  [trainer, inspector] = agents as [AgentProcess, AgentProcess];
  for (const agent of agents) agent.start();
});
afterAll(async () => {
  world?.goOn();
  await Promise.all((agents ?? []).map((agent) => agent.stop()));
  await told?.close();
  await world?.close();
});

/** Starts an agent if need be, and kills it at a moment. */
type Step = readonly [moment: string, kill: () => Promise<void>];

const says = (agent: AgentProcess, pattern: RegExp): Step => [`${pattern}`, () => agent.killAt(pattern)];

const when = (agent: AgentProcess, moment: string, look: () => boolean): Step => [
  moment,
  () => agent.killWhen(look),
];

/**
 * While what it sends is in the pool, and no block is made. The agent is not started before the event `after`, and may have got
 * as far as the event `done` before it was killed the last time.
 */
const sends = (
  agent: AgentProcess,
  call: string,
  { after, done }: { after?: string; done?: string },
): Step => [
  `${call} in the pool`,
  async () => {
    if (after !== undefined) await told.first(0, after);
    world.hold();
    agent.start();
    const isDone = () => done !== undefined && told.of(0, done).some(({ fields }) => isOf(agent, fields));
    await agent.killWhen(async () => isDone() || (await isWaiting(world.chain, accounts[agent.name]!, call)));
    world.goOn();
  },
];

/** Whether an event tells of what this agent did. */
const isOf = (
  agent: AgentProcess,
  { trainer: by, inspector: who }: { trainer?: Uint8Array; inspector?: Uint8Array },
) => Buffer.compare(accounts[agent.name]!, (by ?? who)!) === 0;

/** Kills an agent at one moment after the other; it runs again only for the next. */
async function dies(agent: AgentProcess, steps: readonly Step[]): Promise<void> {
  for (const [moment, kill] of steps) {
    if (process.env.MATRIXAI_TEST_SHOW) console.log(`${agent.name} dies at ${moment}`);
    if (!moment.includes("in the pool")) agent.start();
    await kill();
  }
  agent.start();
}

const inWork = (agent: AgentProcess, ...path: string[]) =>
  existsSync(join(world.folder, agent.name, "work", ...path));

/** The hash of what was submitted for an order, and of the package of a training of it that nobody interrupts. */
async function packages(order: number) {
  const { randomness } = await told.first(order, "Marketplace.SeedDrawn");
  const { submission } = await told.first(order, "ProofOfTraining.ProofSubmitted");
  const identity = { order, trainer: toHex(accounts.Alice!) as Hash, randomness: toHex(randomness) as Hash };
  const store = openStore({ files: { root: world.storage } });
  const cache = join(world.folder, "uninterrupted");
  const { job, close } = await openJob(bought.manifest, {
    store,
    cache,
    inPlace: false,
    note: () => undefined,
  });
  const device = await openDevice({ prefer: ["cpu"], threads: 1 });
  try {
    const target = new Package(join(cache, `package-${order}`));
    await record(device, job, identity, target);
    const expected = await hashFile(join(target.folder, "proof.json"));
    return { submitted: toHex(submission.value.hash), expected };
  } finally {
    device.close();
    close();
    await store.close();
  }
}

/** The order is completed as if nothing had happened: the chain has refused nothing, and nothing is in blocks twice. */
async function isWhole(order: number): Promise<void> {
  expect(await told.ended(order)).toMatchObject({ outcome: "Completed" });
  const { submitted, expected } = await packages(order);
  expect(submitted).toBe(expected);
  expect(told.of(order, "ProofOfTraining.VerdictRevealed").length).toBe(3);
  expect(told.events.map(({ name }) => name)).not.toContain("System.ExtrinsicFailed");
  const byAgents = (await sentIn(world.chain)).filter(({ name }) => name !== "Marketplace.place_order");
  const sent = byAgents.map(({ signer, name, call }) => `${name} ${signer} ${call}`);
  expect(sent.filter((each, i) => sent.indexOf(each) !== i)).toEqual([]);
}

test("killed at each step, a trainer ends its order once, and inspectors their seats", async () => {
  await dies(trainer, [
    says(trainer, /added the machine/),
    says(trainer, /committed to its products/),
    says(trainer, /answered its challenge/),
  ]);
  const machine = await world.until(async () => {
    const id = await world.chain.read(machines.MachineAt, [0]);
    const found = id && (await world.chain.read(machines.Machines, [id]));
    const offered = id && (await world.chain.read(marketplace.Offers, [id]));
    return found?.state === "Available" && offered ? id : undefined;
  });
  // Results are sealed, so that the trainer has keys to hand out.
  bought = await sealedOrder(world, machine, 1, { training: false, validation: false, results: sealKeys() });

  const [, , other] = agents as [AgentProcess, AgentProcess, AgentProcess];
  await inspector.kill();
  const fetching = when(trainer, "the fetching of its job", () => inWork(trainer, "orders/0/manifest.json"));
  const fetched = dies(trainer, [fetching]).then(() => trainer.kill());
  const order = await placeOrder(world.chain, buyer, bought.spec);
  await fetched;
  const others = dies(other, [says(other, /committed to its verdict/), says(other, /revealed its verdict/)]);
  const isStored = (name: string) =>
    globSync(join(world.storage, `packages/*-order-${order}/${name}.safetensors`)).length > 0;
  await dies(trainer, [
    sends(trainer, "Marketplace.accept_order", {}),
    sends(trainer, "ProofOfTraining.start", { after: "Marketplace.SeedDrawn" }),
    when(trainer, "a checkpoint", () => inWork(trainer, "orders/0/package/checkpoint-000003.safetensors")),
    says(trainer, /anchored .*checkpoint=5/),
    when(trainer, "the storing of a checkpoint", () => isStored("checkpoint-000006")),
    says(trainer, /: trained /),
    // The first checkpoint is stored with the package alone.
    when(trainer, "its upload", () => isStored("checkpoint-000000")),
    says(trainer, /: stored /),
    sends(trainer, "ProofOfTraining.submit_proof", { done: "ProofOfTraining.ProofSubmitted" }),
    // The keys of the package, to all inspectors together.
    sends(trainer, "Utility.batch_all", { after: "ProofOfTraining.InspectorsDrawn" }),
  ]);
  await dies(inspector, [
    when(inspector, "its fetching", () =>
      inWork(inspector, "inspections/0/package/checkpoint-000002.safetensors"),
    ),
    when(inspector, "its computing", () => inspector.isComputing()),
    says(inspector, /: inspected /),
    sends(inspector, "ProofOfTraining.commit_verdict", { done: "ProofOfTraining.VerdictCommitted" }),
    sends(inspector, "ProofOfTraining.reveal_verdict", { after: "ProofOfTraining.RevealBegun" }),
  ]);
  await others;
  await isWhole(order);
});

test("a node that is killed under its agents at each step of an order finds them at the same step", async () => {
  // Listened for from the start: what is said while the node is away would be missed.
  const moments = [
    trainer.says(/: accepted /),
    trainer.says(/anchored .*checkpoint=4/),
    trainer.says(/: stored /),
    trainer.says(/handed out a key/),
    inspector.says(/: inspected /),
    inspector.says(/committed to its verdict/),
  ];
  const order = await placeOrder(world.chain, buyer, bought.spec);
  for (const moment of moments) {
    await moment;
    await world.crash(200);
  }
  await isWhole(order);
});

test("a trainer and an inspector whose disks are full say so, and go on when there is room", async () => {
  const full = async (agent: AgentProcess, at: RegExp) => {
    await agent.says(at, () => agent.limitFiles(1_000));
    await agent.says(/failed .*the disk is full/);
    agent.limitFiles();
  };
  const both = [full(trainer, /anchored .*checkpoint=2/), full(inspector, /waits for keys|follows/)];
  const order = await placeOrder(world.chain, buyer, bought.spec);
  await Promise.all(both);
  await isWhole(order);
});
