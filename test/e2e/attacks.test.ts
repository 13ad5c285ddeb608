/**
 * A trainer that takes orders and forges their proofs in every way of the protocol's list, among agents of honest trainers
 * who inspect: each proof is rejected for the right reason, the bond is divided to the unit, and no score is gained.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as marketplace, type OrderSpec } from "../../pallets/marketplace/index.ts";
import { rules } from "../../pallets/proof-of-training/index.ts";
import { explanationOf, scoreOf } from "../../trainer/client/queries.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { type Device, openDevice } from "../../trainer/engine/device/device.ts";
import { maxProofBytes, Package } from "../../trainer/proof/package.ts";
import type { Loot } from "../../trainer/proof/testing/loot.ts";
import { smallDigits } from "../../trainer/proof/testing/small-digits.ts";
import { Bundle } from "../../trainer/storage/bundle.ts";
import { openStore } from "../../trainer/storage/store.ts";
import { audit, stakesOf } from "./agents/accounts.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle } from "./agents/chronicle.ts";
import { Forger } from "./agents/forger.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";
import { newTrainer } from "./agents/new-trainer.ts";
import { placeOrder } from "./agents/place-order.ts";
import type { Published } from "./agents/published.ts";
import { keepFigure } from "./attacks/figures.ts";
import { segments, smallOrder } from "./attacks/small-order.ts";
import { type ChainAttack, chainAttacks } from "./attacks/table.ts";

const mai = 10n ** 12n;
/** The forger takes one order after another. */
const patient = { accept_within: 5_000, train_within: 5_000 };
const [alices, forgers] = [hireable(1), hireable(2)];

let world: AgentsChain;
let chronicle: Chronicle;
let agents: Honest[];
let forger: Forger;
let buyer: Signer;
let device: Device;
let jobs: Readonly<Record<number, Published>>;
/** The order of each attack, once it is placed. */
const orders = new Map<string, number>();
let forging: Promise<void>;

beforeAll(async () => {
  world = await AgentsChain.open(4);
  chronicle = new Chronicle(world.chain);
  buyer = await signerOf("//Ferdie");
  device = await openDevice({ threads: 1 });
  const names = ["Alice", "Bob", "Charlie", "Dave"];
  agents = await Promise.all(
    names.map((name) => honest(world, name, name === "Alice" ? { machine: alices } : {})),
  );
  const eve = await newTrainer(world.chain, "//Eve", 10_000n * mai);
  const usual = await smallOrder(world.storage, "small", forgers.id);
  const thorough = await smallOrder(world.storage, "thorough", forgers.id, { thresholds: { segments } });
  jobs = { 5: usual, [segments]: thorough };
  [forger] = await Promise.all([
    Forger.open(world, eve, forgers),
    world.until(() => world.chain.read(marketplace.Offers, [alices.id])),
  ]);

  // What an honest trainer has done for another order is what the forger steals.
  const first = await place({ ...usual.spec, machine: alices.id });
  expect((await chronicle.ended(first)).outcome).toBe("Completed");
  const { submission } = await chronicle.first(first, "ProofOfTraining.ProofSubmitted");
  const stolen = await packageAt(Buffer.from(submission.value.uri).toString());
  const other = (await smallDigits(3, 1000)).data;
  for (const { name, inspectors, segments: drawn } of chainAttacks)
    orders.set(name, await place({ ...jobs[drawn]!.spec, inspectors, ...patient }));
  forging = forgeAll({ device, foreign: stolen, otherData: other });
}, 900_000);

afterAll(async () => {
  await forging?.catch(() => undefined);
  await forger?.close();
  await Promise.all((agents ?? []).map((agent) => agent.close()));
  for (const job of Object.values(jobs ?? {})) job.close();
  device?.close();
  await chronicle?.close();
  await world?.close();
});

const place = (spec: OrderSpec): Promise<number> => placeOrder(world.chain, buyer, spec);

/** What everybody can fetch of a proof that was handed in. */
async function packageAt(uri: string): Promise<Package> {
  const folder = join(world.folder, "stolen");
  mkdirSync(folder);
  const store = openStore({ files: { root: world.storage } });
  const bundle = await Bundle.open(store, uri, join(folder, "index.json"));
  for (const name of bundle.names) await bundle.fetch(name, join(folder, name), maxProofBytes);
  await store.close();
  return new Package(folder);
}

/** One forgery after another; inspectors are at work on those before meanwhile. */
async function forgeAll(loot: Pick<Loot, "device" | "foreign" | "otherData">): Promise<void> {
  for (const attack of chainAttacks) await forgeOne(attack, loot);
}

async function forgeOne(
  { name, segments: drawn, forge }: ChainAttack,
  loot: Pick<Loot, "device" | "foreign" | "otherData">,
): Promise<void> {
  const order = orders.get(name)!;
  const { job, spec } = jobs[drawn]!;
  const identity = await forger.accept(order);
  const target = new Package(join(world.folder, `forged-${order}`));
  const links = await forge({ ...loot, job, identity, target });
  await forger.anchor(order, spec, links);
  await forger.handIn(order, target);
}

/** Resolves when an order has ended; rejects when the forger could not go on. */
const endOf = (order: number) =>
  Promise.race([chronicle.ended(order), forging.then(() => chronicle.ended(order))]);

test.each(chainAttacks)("$name: $caughtBy", async ({ name, caughtBy, inspectors }) => {
  const order = orders.get(name)!;
  const { outcome, fields } = await endOf(order);
  expect(outcome).toBe("Rejected");

  const said = await chronicle.first(order, "ProofOfTraining.ProofRejected");
  expect(said.votes).toBe(inspectors);
  expect(rules.indexOf(said.rule)).toBeLessThanOrEqual(rules.indexOf(caughtBy));

  const { price, bond } = await chronicle.first(order, "Marketplace.OrderAccepted");
  const each = bond / 4n / BigInt(inspectors);
  expect(fields).toMatchObject({
    refunded: price + 3n * mai,
    to_buyer: bond / 2n,
    to_inspectors: each * BigInt(inspectors),
    burned: bond - bond / 2n - each * BigInt(inspectors),
  });
  const paid = chronicle.of(order, "Marketplace.InspectionPaid");
  expect(paid.map(({ fields: { source, amount } }) => [source, amount])).toEqual(
    Array.from({ length: inspectors }, () => ["OrderBond", each]),
  );

  // Why: the penalty's evidence is the hash of a verdict whose every number is in an event.
  const [verdict] = chronicle.of(order, "ProofOfTraining.VerdictRevealed");
  const slash = chronicle.events.find(
    (event) =>
      event.name === "TrainerStaking.Slashed" && sameBytes(event.fields.evidence, verdict!.fields.hash),
  );
  expect(slash?.fields).toMatchObject({
    trainer: forger.signer.account,
    amount: bond,
    reason: "ProofRejected",
    subject: { type: "Order", value: order },
  });
  const found = verdict!.fields.verdict.findings.find((finding: { passed: boolean }) => !finding.passed);
  expect([found.rule, found.number, found.value]).toEqual([said.rule, said.number, said.value]);
  keepFigure(name, found);
});

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

test("the forger has worked for nothing, has no score and no weight, and is told why", async () => {
  await forging;
  const { signer } = forger;
  const trained = await world.chain.read(marketplace.TrainerRecords, [signer.account]);
  expect(trained).toEqual({
    accepted: chainAttacks.length,
    completed: 0,
    failed: chainAttacks.length,
    late: 0,
    void: 0,
    work: 0n,
  });
  // Lists are frozen three epochs ahead: those of now were made after many of the proofs were judged.
  const [first] = chronicle.events.filter(({ name }) => name === "Marketplace.OrderRejected");
  await world.until(async () => chronicle.block >= first!.block + 4 * world.epochLength || undefined);
  const why = await explanationOf(world.chain, signer.account);
  expect(why.weight).toBe(0n);
  for (const { weight } of why.places) expect(weight).toBe(0n);
  expect(why.places.length).toBeGreaterThan(0);
  const { training } = await scoreOf(world.chain, signer.account);
  expect(training).toMatchObject({ total: 0n, effective: 0n });
  expect(new Set(why.penalties.map(({ reason }) => reason))).toEqual(new Set(["ProofRejected"]));
});

test("every unit of money is where the events say, and nothing is left on hold", async () => {
  await forging;
  await chronicle.pass(2);
  const { told, found, issued, sum } = await audit(world.chain, chronicle.events, chronicle.block);
  expect(found).toEqual(told);
  expect(sum).toBe(issued);
  for (const { account } of [buyer, forger.signer]) expect(await stakesOf(world.chain, account)).toEqual([]);
});
