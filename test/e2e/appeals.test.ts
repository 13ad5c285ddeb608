/** Panels that lie about an honest proof: its trainer appeals, or the inspector that was outvoted does, and the truth is paid. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace, type OrderSpec } from "../../pallets/marketplace/index.ts";
import { constants, verdictCommitment } from "../../pallets/proof-of-training/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { unreadableVerdict } from "../../trainer/agent/chain-verdict.ts";
import { judgementOf } from "../../trainer/client/judgement.ts";
import { explanationOf } from "../../trainer/client/queries.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { standingOf } from "../../trainer/client/standing.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle, type Happened } from "./agents/chronicle.ts";
import { digitsOrder } from "./agents/digits-order.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";

const names = ["Bob", "Charlie", "Dave", "Eve"] as const;
const machine = hireable(1);
const lie = unreadableVerdict("there is nothing to see");
const salt = new Uint8Array(32).fill(7);

let world: AgentsChain;
let chronicle: Chronicle;
let buyer: Signer;
let spec: OrderSpec;
let running: Honest[] = [];

beforeAll(async () => {
  world = await AgentsChain.open(1 + names.length, { appealWindow: 200 });
  chronicle = new Chronicle(world.chain);
  buyer = await signerOf("//Ferdie");
  spec = await digitsOrder(world.storage, machine.id, 1);
});
afterEach(async () => {
  await Promise.all(running.map((agent) => agent.close()));
  running = [];
});
afterAll(async () => {
  await chronicle?.close();
  await world?.close();
});

/** An agent that runs to the end of a test. */
async function begin(name: string, change: Parameters<typeof honest>[2] = {}): Promise<Honest> {
  const agent = await honest(world, name, change);
  running.push(agent);
  return agent;
}

const call = (value: Extract<RuntimeCall, { type: "ProofOfTraining" }>["value"]): RuntimeCall => ({
  type: "ProofOfTraining",
  value,
});

/** Has it trained, and says who was drawn and who was not. */
async function drawnFor(machine: Uint8Array) {
  const isReady = async () => (await world.chain.read(machines.Machines, [machine]))?.state === "Available";
  await world.until(async () => (await isReady()) || undefined);
  await world.until(() => world.chain.read(marketplace.Offers, [machine]));
  const order = await world.chain.read(marketplace.NextOrder, []);
  const value = { type: "place_order", value: { spec: { ...spec, machine } } } as const;
  await world.chain.submit(buyer, { type: "Marketplace", value });
  const { inspectors } = await chronicle.first(order, "ProofOfTraining.InspectorsDrawn");
  const signers = await Promise.all(names.map((name) => signerOf(`//${name}`)));
  const isDrawn = ({ account }: Signer) =>
    (inspectors as Uint8Array[]).some((who) => equalBytes(who, account));
  return {
    order,
    drawn: names.filter((_, i) => isDrawn(signers[i]!)),
    left: names.filter((_, i) => !isDrawn(signers[i]!)),
  };
}

/** Inspectors that say without looking that a proof is false. */
async function lies(order: number, liars: readonly string[]): Promise<void> {
  const signers = await Promise.all(liars.map((name) => signerOf(`//${name}`)));
  for (const signer of signers) {
    const commitment = verdictCommitment(order, signer.account, lie, salt);
    await world.chain.submit(signer, call({ type: "commit_verdict", value: { order, commitment } }));
  }
  await chronicle.first(order, "ProofOfTraining.RevealBegun");
  for (const signer of signers)
    await world.chain.submit(signer, call({ type: "reveal_verdict", value: { order, verdict: lie, salt } }));
}

/** That the appeal was right: the order ends as if nobody had lied, and the liars have lost what they had at stake. */
async function expectJustice(order: number, appellant: Signer, liars: readonly string[]): Promise<void> {
  expect(await chronicle.first(order, "ProofOfTraining.ProofRejected")).toMatchObject({
    rule: "Package",
    votes: liars.length,
    seats: 3,
  });
  const { bond } = await chronicle.first(order, "ProofOfTraining.Appealed");
  expect(bond).toBe(10n * constants.MinInspectionBond);
  const ended = { appellant: appellant.account, result: "Overturned", returned: bond };
  expect(await chronicle.first(order, "ProofOfTraining.AppealEnded")).toMatchObject(ended);
  const { outcome, fields } = await chronicle.ended(order);
  const { price } = await chronicle.first(order, "Marketplace.OrderAccepted");
  expect([outcome, fields.paid]).toEqual(["Completed", price - (price * 2n) / 100n]);
  const drawn = await chronicle.first(order, "ProofOfTraining.InspectorsDrawn");
  for (const name of liars) {
    const { account } = await signerOf(`//${name}`);
    const isTheirs = ({ fields: { trainer, reason } }: Happened) =>
      reason === "WrongVerdict" && equalBytes(trainer, account);
    const { fields } = await chronicle.until(() => chronicle.events.findLast(isTheirs));
    expect(fields.amount).toBe(drawn.bond);
  }
}

/** What `why` tells afterwards: each lie, the truth that counts, and who appealed. */
async function expectTold(order: number, appellant: Signer, liars: readonly string[]): Promise<void> {
  const told = await judgementOf(world.chain, order);
  expect(told).toMatchObject({ ruling: "Accepted", appellant: appellant.account, failed: undefined });
  const said = told!.opinions.map(({ round, ruling, failed }) => [round, ruling, failed?.rule]);
  expect(said).toEqual([...liars.map(() => [0, "Rejected", "Package"]), [2, "Accepted", undefined]]);
  const standing = await standingOf(world.chain, await explanationOf(world.chain, appellant.account));
  expect(standing.sealingKey).toHaveLength(32);
}

test("a trainer whose honest proof a panel of liars rejects has it looked at again, and is paid", async () => {
  const alice = await begin("Alice", { machine });
  const { order, drawn, left } = await drawnFor(machine.id);
  const signer = await signerOf("//Alice");
  await lies(order, drawn);
  await begin(left[0]!);
  await expectJustice(order, signer, drawn);
  await expectTold(order, signer, drawn);
  expect(alice.lines.filter((line) => line.startsWith(`Alice appealed {"order":${order},`))).toHaveLength(1);
});

test("an inspector that liars have outvoted appeals, where the trainer does not", async () => {
  const alice = await begin("Alice", { machine, appeal: false });
  const { order, drawn, left } = await drawnFor(machine.id);
  const [truthful, ...liars] = drawn;
  await begin(truthful!);
  await lies(order, liars);
  await begin(left[0]!);
  await expectJustice(order, await signerOf(`//${truthful}`), liars);
  expect(alice.lines.filter((line) => line.includes("ruling"))).toEqual([]);
});
