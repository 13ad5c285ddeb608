/** Trainers that take an order and do not do it, hand in what is none, or blame their buyer; and inspectors who have not looked. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OrderSpec, orderTopic } from "../../pallets/marketplace/index.ts";
import { equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { explanationOf } from "../../trainer/client/queries.ts";
import type { Signer } from "../../trainer/client/signer.ts";
import { openDevice } from "../../trainer/engine/device/device.ts";
import { hashOf } from "../../trainer/proof/canonical.ts";
import { jobSeed } from "../../trainer/proof/identity.ts";
import { firstState } from "../../trainer/proof/job.ts";
import { checkpointFile, lossFile, Package } from "../../trainer/proof/package.ts";
import { forge } from "../../trainer/proof/testing/forgery.ts";
import { audit, stakesOf } from "./agents/accounts.ts";
import { blindly } from "./agents/bad-inspector.ts";
import { placeOrder } from "./agents/place-order.ts";
import { emptyLinks, fee, openScene, type Scene } from "./attacks/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
}, 300_000);
afterAll(() => scene?.close());

const hash = hashOf(textBytes("nothing"));

/** An order for Eve; what Dave buys is inspected by the three others. */
async function accepted(buyer: Signer, change: Partial<OrderSpec> = {}): Promise<number> {
  const spec = { ...scene.job.spec, inspectors: 1, train_within: 5_000, ...change };
  const order = await placeOrder(scene.world.chain, buyer, spec);
  await scene.forger.accept(order);
  return order;
}

/** Everything anchored, with nothing behind it. */
async function pretended(change: Partial<OrderSpec> = {}): Promise<number> {
  const order = await accepted(scene.dave.signer, change);
  await scene.forger.anchor(order, scene.job.spec, emptyLinks(scene.job));
  return order;
}

const termsOf = (order: number) => scene.chronicle.first(order, "Marketplace.OrderAccepted");

/** What somebody has lost for an order: the evidence of a slash is the order, or a verdict on it. */
async function slashOf(order: number, who: Uint8Array) {
  await scene.chronicle.ended(order);
  const verdicts = scene.chronicle
    .of(order, "ProofOfTraining.VerdictRevealed")
    .map(({ fields }) => fields.hash);
  const evidence = [orderTopic(order), ...verdicts];
  const found = scene.chronicle.events.find(
    ({ name, fields }) =>
      name === "TrainerStaking.Slashed" &&
      equalBytes(fields.trainer, who) &&
      evidence.some((each) => equalBytes(each, fields.evidence)),
  );
  return found && { reason: found.fields.reason, amount: found.fields.amount };
}

test.concurrent.each([
  ["takes an order and never begins", 0, "Accepted"],
  ["vanishes in the middle of its training", 4, "Training"],
])("a trainer that %s loses a tenth of its bond to the buyer", async (_, anchors, state) => {
  const order = await accepted(scene.dave.signer, { train_within: 60 });
  if (anchors > 0) await scene.forger.anchor(order, scene.job.spec, emptyLinks(scene.job), anchors);
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await termsOf(order);
  expect(outcome).toBe("Expired");
  expect(fields).toMatchObject({ state, inspection: 0n, refunded: price + fee, penalty: bond / 10n });
  const eve = scene.forger.signer.account;
  expect(await slashOf(order, eve)).toEqual({ reason: "DeadlineMissed", amount: bond / 10n });
});

test.concurrent.each<[string, (order: number) => Promise<void>]>([
  ["nothing", (order) => scene.forger.submit(order, hash, "file:nowhere/index.json")],
  [
    "an address inside its inspectors' network",
    (order) => scene.forger.submit(order, hash, "http://127.0.0.1:9/index.json"),
  ],
  ["an address that is none", (order) => scene.forger.submit(order, hash, "\u0000\u0001")],
  [
    "garbage instead of a package",
    async (order) => {
      writeFileSync(join(scene.world.storage, `garbage-${order}.json`), "{".repeat(100_000));
      await scene.forger.submit(order, hash, `file:garbage-${order}.json`);
    },
  ],
  [
    "a package full of garbage",
    async (order) => {
      const folder = join(scene.world.folder, `garbage-${order}`);
      mkdirSync(folder);
      const files = Array.from({ length: 13 }, (_, i) => [checkpointFile(i), lossFile(i)]).flat();
      for (const name of ["proof.json", ...files]) writeFileSync(join(folder, name), `${name} is none`);
      await scene.forger.handIn(order, new Package(folder));
    },
  ],
])("a trainer that hands in %s loses all of its bond", async (_, handIn) => {
  const order = await pretended();
  await handIn(order);
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await termsOf(order);
  expect(outcome).toBe("Rejected");
  expect(fields).toMatchObject({ refunded: price + fee, to_buyer: bond / 2n, to_inspectors: bond / 4n });
  const [said] = scene.chronicle.of(order, "ProofOfTraining.ProofRejected");
  expect(said!.fields.rule).toBe("Package");
  const eve = scene.forger.signer.account;
  expect(await slashOf(order, eve)).toEqual({ reason: "ProofRejected", amount: bond });
});

test.concurrent("a trainer that blames a buyer without fault has missed its deadline", async () => {
  const order = await accepted(scene.dave.signer);
  await scene.forger.claim(order, "Unreachable");
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await termsOf(order);
  expect(outcome).toBe("Expired");
  expect(fields).toMatchObject({ inspection: fee, refunded: price, penalty: bond / 10n });
  expect(scene.chronicle.of(order, "ProofOfTraining.FaultDenied")[0]!.fields.votes).toBe(1);
});

/** An honest training of Alice's, which Bob, Charlie and Dave inspect. */
const ordered = () => placeOrder(scene.world.chain, scene.ferdie, { ...scene.forAlice, train_within: 1_000 });

/** The order is done and paid; of the panel's fee Dave's part returns to the buyer. */
async function expectCompleted(order: number): Promise<void> {
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price } = await termsOf(order);
  const burned = (price * 2n) / 100n;
  expect(outcome).toBe("Completed");
  expect(fields).toMatchObject({
    paid: price - burned,
    burned,
    inspection: 2n * (fee / 3n),
    refunded: fee / 3n,
  });
}

const seatBond = async (order: number): Promise<bigint> =>
  (await scene.chronicle.first(order, "ProofOfTraining.InspectorsDrawn")).bond;

test.concurrent("an inspector that rejects without looking loses its bond", async () => {
  const { dave } = scene;
  const order = await ordered();
  await dave.seated(order);
  await dave.commit(order, blindly("Rejected"));
  await dave.reveal(order, blindly("Rejected"));
  await expectCompleted(order);
  const bond = await seatBond(order);
  expect(await slashOf(order, dave.signer.account)).toEqual({ reason: "WrongVerdict", amount: bond });
});

test.concurrent("an inspector that accepts without looking loses its bond, and the forged proof is rejected", async () => {
  const { dave, forger, bob, job } = scene;
  const spec = { ...job.spec, inspectors: 3, train_within: 5_000 };
  const { chain } = scene.world;
  // The chain counts on one of its listed trainers doing the work: Eve is listed some epochs after she registered.
  await scene.world.until(async () => {
    const { epoch, places } = await explanationOf(chain, forger.signer.account);
    return places.some((place) => place.epoch === epoch) || undefined;
  });
  const order = await placeOrder(chain, bob, spec);
  const identity = await forger.accept(order);
  const target = new Package(join(scene.world.folder, `forged-${order}`));
  const device = await openDevice({ threads: 1 });
  const start = firstState(job.job, jobSeed(identity));
  const { links } = await forge(device, job.job, identity, target, { state: () => start });
  device.close();
  await forger.anchor(order, spec, links);
  await forger.handIn(order, target);
  await dave.seated(order);
  await dave.commit(order, blindly("Accepted"));
  await dave.reveal(order, blindly("Accepted"));
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { bond } = await termsOf(order);
  expect(outcome).toBe("Rejected");
  expect(fields.to_inspectors).toBe(2n * (bond / 4n / 2n));
  const lost = { reason: "WrongVerdict", amount: await seatBond(order) };
  expect(await slashOf(order, dave.signer.account)).toEqual(lost);
});

test.concurrent("an inspector that copies another's commitment cannot open it, and counts as silent", async () => {
  const { dave, chronicle } = scene;
  const order = await ordered();
  await dave.seated(order);
  const copied = await chronicle.first(order, "ProofOfTraining.VerdictCommitted");
  await dave.commitTo(order, copied.commitment);
  const shown = await chronicle.first(order, "ProofOfTraining.VerdictRevealed");
  await expect(dave.reveal(order, shown.verdict)).rejects.toThrow("WrongOpening");
  await expectCompleted(order);
  const quarter = (await seatBond(order)) / 4n;
  expect(await slashOf(order, dave.signer.account)).toEqual({
    reason: "VerdictNotRevealed",
    amount: quarter,
  });
});

test.concurrent("an inspector that sleeps loses a quarter of its bond", async () => {
  const order = await ordered();
  await scene.dave.seated(order);
  await expectCompleted(order);
  const quarter = (await seatBond(order)) / 4n;
  const { account } = scene.dave.signer;
  expect(await slashOf(order, account)).toEqual({ reason: "VerdictNotRevealed", amount: quarter });
});

test("each is told why, every unit of money is where the events say, and nothing is left on hold", async () => {
  const { world, chronicle, dave, forger, bob, ferdie } = scene;
  const reasons = async (who: Signer) =>
    new Set((await explanationOf(world.chain, who.account)).penalties.map(({ reason }) => reason));
  expect(await reasons(dave.signer)).toEqual(new Set(["WrongVerdict", "VerdictNotRevealed"]));
  expect(await reasons(forger.signer)).toEqual(new Set(["ProofRejected", "DeadlineMissed"]));
  await chronicle.pass(2);
  const { told, found, issued, sum } = await audit(world.chain, chronicle.events, chronicle.block);
  expect(found).toEqual(told);
  expect(sum).toBe(issued);
  for (const { account } of [dave.signer, forger.signer, bob, ferdie])
    expect(await stakesOf(world.chain, account)).toEqual([]);
});
