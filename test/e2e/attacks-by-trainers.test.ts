/** Trainers that take an order and do not do it, hand in what is none, or blame their buyer; and inspectors who have not looked. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OrderSpec } from "../../pallets/marketplace/index.ts";
import { equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { known } from "../../trainer/buyer/known.ts";
import { takeModel } from "../../trainer/buyer/take-model.ts";
import { explanationOf } from "../../trainer/client/queries.ts";
import type { Signer } from "../../trainer/client/signer.ts";
import { openDevice } from "../../trainer/engine/device/device.ts";
import { hashOf } from "../../trainer/proof/canonical.ts";
import { type Identity, jobSeed } from "../../trainer/proof/identity.ts";
import { firstState } from "../../trainer/proof/job.ts";
import { checkpointFile, lossFile, Package } from "../../trainer/proof/package.ts";
import { forge } from "../../trainer/proof/testing/forgery.ts";
import { openStore } from "../../trainer/storage/store.ts";
import { audit, stakesOf } from "./agents/accounts.ts";
import { blindly } from "./agents/bad-inspector.ts";
import { cancelOrder, placeOrder } from "./agents/place-order.ts";
import { type Deeds, endings, rowsOf } from "./attacks/endings.ts";
import { emptyLinks, fee, openScene, type Scene } from "./attacks/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
}, 900_000);
afterAll(() => scene?.close());

const hash = hashOf(textBytes("nothing"));

/** An order for Eve; what Dave buys is inspected by the three others. */
async function accepted(buyer: Signer, change: Partial<OrderSpec> = {}): Promise<number> {
  const spec = { ...scene.job.spec, inspectors: 1, train_within: 5_000, ...change };
  const order = await placeOrder(scene.world.chain, buyer, spec);
  await scene.forger.accept(order);
  return order;
}

const termsOf = (order: number) => scene.chronicle.first(order, "Marketplace.OrderAccepted");

/** What somebody has lost for an order. */
async function slashOf(order: number, who: Uint8Array) {
  await scene.chronicle.ended(order);
  const found = scene.chronicle.events.find(
    ({ name, fields }) =>
      name === "TrainerStaking.Slashed" &&
      equalBytes(fields.trainer, who) &&
      fields.subject.type === "Order" &&
      fields.subject.value === order,
  );
  return found && { reason: found.fields.reason, amount: found.fields.amount };
}

/** The buyer has everything back and a tenth of the bond. */
async function expectExpired(order: number, state: string): Promise<void> {
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await termsOf(order);
  expect(outcome).toBe("Expired");
  expect(fields).toMatchObject({ state, inspection: 0n, refunded: price + fee, penalty: bond / 10n });
  const eve = scene.forger.signer.account;
  expect(await slashOf(order, eve)).toEqual({ reason: "DeadlineMissed", amount: bond / 10n });
}

const late: Deeds<typeof endings.late, string> = { "takes an order and never begins": "Accepted" };

test.concurrent.each(rowsOf(late))(
  "a trainer %s, and loses a tenth of its bond to the buyer",
  async (_, state) => {
    await expectExpired(await accepted(scene.dave.signer, { train_within: 60 }), state);
  },
);

/** The buyer has everything back and half of the bond; the trainer has lost all of it. */
async function expectRejected(order: number): Promise<void> {
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await termsOf(order);
  expect(outcome).toBe("Rejected");
  expect(fields).toMatchObject({ refunded: price + fee, to_buyer: bond / 2n, to_inspectors: bond / 4n });
  const eve = scene.forger.signer.account;
  expect(await slashOf(order, eve)).toEqual({ reason: "ProofRejected", amount: bond });
}

const submitted = (uri: string) => (order: number) => scene.forger.submit(order, hash, uri);

const empty: Deeds<typeof endings.empty, (order: number) => Promise<void>> = {
  "hands in nothing": submitted("file:nowhere/index.json"),
  "hands in an address that is none": submitted("\u0000\u0001"),
  "hands in an address inside its inspectors' network": submitted("http://127.0.0.1:9/index.json"),
  "hands in garbage instead of a package": async (order) => {
    writeFileSync(join(scene.world.storage, `garbage-${order}.json`), "{".repeat(100_000));
    await scene.forger.submit(order, hash, `file:garbage-${order}.json`);
  },
  "hands in a package full of garbage": async (order) => {
    const folder = join(scene.world.folder, `garbage-${order}`);
    mkdirSync(folder);
    const files = Array.from({ length: 13 }, (_, i) => [checkpointFile(i), lossFile(i)]).flat();
    for (const name of ["proof.json", ...files]) writeFileSync(join(folder, name), `${name} is none`);
    await scene.forger.handIn(order, new Package(folder));
  },
};

test.concurrent.each(rowsOf(empty))("a trainer %s, and loses all of its bond", async (_, handIn) => {
  const order = await accepted(scene.dave.signer);
  await scene.forger.anchor(order, scene.job.spec, emptyLinks(scene.job));
  await handIn(order);
  await expectRejected(order);
  const [said] = scene.chronicle.of(order, "ProofOfTraining.ProofRejected");
  expect(said!.fields.rule).toBe("Package");
});

/** The proof of a training that never moved from its start, as far as it goes; its first links are anchored. */
async function forged(order: number, identity: Identity, anchors?: number): Promise<Package> {
  const { job, spec } = scene.job;
  const target = new Package(join(scene.world.folder, `forged-${order}`));
  const device = await openDevice({ threads: 1 });
  const start = firstState(job, jobSeed(identity));
  const { links } = await forge(device, job, identity, target, { state: () => start });
  device.close();
  await scene.forger.anchor(order, spec, links, anchors);
  return target;
}

test.concurrent("a trainer forges what it has anchored of an order that is cancelled, and loses all of its bond", async () => {
  const { world, chronicle, forger, dave, job } = scene;
  const order = await placeOrder(world.chain, dave.signer, {
    ...job.spec,
    inspectors: 1,
    train_within: 5_000,
  });
  const target = await forged(order, await forger.accept(order), 6);
  await cancelOrder(world.chain, dave.signer, order);
  await chronicle.first(order, "Marketplace.OrderStopped");
  await forger.handIn(order, target);
  await expectRejected(order);
});

const vanished: Deeds<typeof endings.vanished, { readonly spoilt: boolean; readonly had: number }> = {
  "vanishes in the middle of its training": { spoilt: false, had: 5 },
  "vanishes, and has stored garbage in the place of its last checkpoint": { spoilt: true, had: 4 },
};

test.concurrent.each(rowsOf(vanished))(
  "a trainer %s, and its buyer goes on from what it has stored and anchored",
  async (_, { spoilt, had }) => {
    const { world, dave, forger, job } = scene;
    const spec = { ...job.spec, inspectors: 1, train_within: 300 };
    const order = await placeOrder(world.chain, dave.signer, spec);
    const target = await forged(order, await forger.accept(order), 6);
    if (spoilt) await target.writeCheckpoint(5, textBytes("garbage"));
    const files = [4, 5].flatMap((index) => [checkpointFile(index), lossFile(index)]);
    await forger.tell(order, target, ["manifest.json", "proof.json", ...files]);
    await expectExpired(order, "Training");
    const store = openStore({ files: { root: world.storage } });
    const where = {
      store,
      folder: join(world.folder, `so-far-${order}`),
      secrets: world.folder,
      stored: true,
    };
    const { bought } = await takeModel(world.chain, await known(world.chain, order), {
      ...where,
      signal: AbortSignal.timeout(60_000),
    });
    await store.close();
    expect(bought.last).toMatchObject({ index: had, step: (had * spec.steps) / spec.checkpoints });
  },
);

const claimed = (fault: "Unreachable" | "BadManifest") => async () => {
  const order = await accepted(scene.dave.signer);
  await scene.forger.claim(order, fault);
  return order;
};

const blaming: Deeds<typeof endings.blaming, () => Promise<number>> = {
  "blames the server of a buyer without fault": claimed("Unreachable"),
  "blames the settings of a buyer without fault, under which inspectors train": claimed("BadManifest"),
  "blames a buyer without fault before it can know": async () => {
    const { world, dave, job, forger } = scene;
    const spec = { ...job.spec, inspectors: 1, train_within: 5_000 };
    const order = await placeOrder(world.chain, dave.signer, spec);
    // The seed is drawn in the block after acceptance.
    await forger.acceptAndClaim(order, "BadManifest");
    return order;
  },
};

test.concurrent.each(rowsOf(blaming))("a trainer %s, and has missed its deadline", async (_, blame) => {
  const order = await blame();
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await termsOf(order);
  expect(outcome).toBe(endings.blaming.ends);
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
  expect(outcome).toBe(endings.silent.ends);
  expect(fields).toMatchObject({
    paid: price - burned,
    burned,
    inspection: 2n * (fee / 3n),
    refunded: fee / 3n,
  });
}

const seatBond = async (order: number): Promise<bigint> =>
  (await scene.chronicle.first(order, "ProofOfTraining.InspectorsDrawn")).bond;

test.concurrent("an inspector rejects an honest proof without looking, and loses its bond", async () => {
  const { dave } = scene;
  const order = await ordered();
  await dave.seated(order);
  await dave.commit(order, blindly("Rejected"));
  await dave.reveal(order, blindly("Rejected"));
  await expectCompleted(order);
  const bond = await seatBond(order);
  expect(await slashOf(order, dave.signer.account)).toEqual({ reason: "WrongVerdict", amount: bond });
});

test.concurrent("an inspector accepts a forged proof without looking, and loses its bond", async () => {
  const { dave, forger, bob, job } = scene;
  const spec = { ...job.spec, inspectors: 3, train_within: 5_000 };
  const { chain } = scene.world;
  // The chain counts on one of its listed trainers doing the work: Eve is listed some epochs after she registered.
  await scene.world.until(async () => {
    const { epoch, places } = await explanationOf(chain, forger.signer.account);
    return places.some((place) => place.epoch === epoch) || undefined;
  });
  const order = await placeOrder(chain, bob, spec);
  const target = await forged(order, await forger.accept(order));
  await forger.handIn(order, target);
  await dave.seated(order);
  await dave.commit(order, blindly("Accepted"));
  await dave.reveal(order, blindly("Accepted"));
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { bond } = await termsOf(order);
  expect(outcome).toBe(endings.trusting.ends);
  expect(fields.to_inspectors).toBe(2n * (bond / 4n / 2n));
  const lost = { reason: "WrongVerdict", amount: await seatBond(order) };
  expect(await slashOf(order, dave.signer.account)).toEqual(lost);
});

const silent: Deeds<typeof endings.silent, (order: number) => Promise<void>> = {
  sleeps: async () => undefined,
  "copies another's commitment, which it cannot open": async (order) => {
    const { dave, chronicle } = scene;
    const copied = await chronicle.first(order, "ProofOfTraining.VerdictCommitted");
    await dave.commitTo(order, copied.commitment);
    const shown = await chronicle.first(order, "ProofOfTraining.VerdictRevealed");
    await expect(dave.reveal(order, shown.verdict)).rejects.toThrow("WrongOpening");
  },
};

test.concurrent.each(rowsOf(silent))("an inspector %s, and loses a quarter of its bond", async (_, act) => {
  const order = await ordered();
  await scene.dave.seated(order);
  await act(order);
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
