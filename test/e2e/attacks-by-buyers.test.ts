/** Buyers whose model, data, addresses or money are not what they say, and who change their minds. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as marketplace, type OrderSpec } from "../../pallets/marketplace/index.ts";
import { signerOf } from "../../trainer/client/signer.ts";
import { memoryColumn } from "../../trainer/engine/data/column.ts";
import { dataRoot, dataset } from "../../trainer/engine/data/dataset.ts";
import { encodeSafetensors } from "../../trainer/engine/data/safetensors.ts";
import { tensor } from "../../trainer/engine/tensor.ts";
import { hashOf, toHex } from "../../trainer/proof/canonical.ts";
import { audit, stakesOf, wealthOf } from "./agents/accounts.ts";
import { cancelOrder, placeOrder } from "./agents/place-order.ts";
import { altered } from "./attacks/altered.ts";
import { type Deeds, endings, rowsOf } from "./attacks/endings.ts";
import { emptyLinks, fee, openScene, type Scene } from "./attacks/scene.ts";

type Fault = "BadModel" | "BadData" | "HashMismatch" | "Unreachable";
type Change = Record<string, Record<string, unknown>>;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
}, 900_000);
afterAll(() => scene?.close());

const samples = 64;

/** Data whose third sample has this pixel and this label, under its own true root. */
async function spoilt(name: string, pixel: number, label: bigint): Promise<Record<string, unknown>> {
  const image = tensor("float32", [samples, 1, 14, 14], new Float32Array(samples * 196).fill(0.5));
  const target = tensor("int64", [samples], new BigInt64Array(samples).fill(1n));
  image.data[2 * 196 + 5] = pixel;
  target.data[2] = label;
  writeFileSync(join(scene.world.storage, `${name}.safetensors`), encodeSafetensors({ image, target }));
  const stored = dataset({ inputs: memoryColumn(image), targets: memoryColumn(target) });
  const root = toHex((await dataRoot(stored, [])).root);
  return { uri: `file:${name}.safetensors`, root, samples };
}

/** What may be wrong with a job, in the manifest's fields, and what that is called. */
const spoiltJobs: Deeds<typeof endings.spoilt, readonly [Fault, () => Promise<Change>]> = {
  "names a model that is none": [
    "BadModel",
    async () => {
      const bytes = Buffer.from("no model");
      writeFileSync(join(scene.world.storage, "none.onnx"), bytes);
      return { model: { uri: "file:none.onnx", hash: hashOf(bytes) } };
    },
  ],
  "names another model than it says": [
    "HashMismatch",
    async () => ({ model: { hash: hashOf(new Uint8Array()) } }),
  ],
  "has other data than it says": [
    "HashMismatch",
    async () => ({ training: { root: hashOf(new Uint8Array()) } }),
  ],
  "has less data than it says": ["BadData", async () => ({ training: { samples: 1001 } })],
  "has a pixel that is no number": [
    "BadData",
    async () => ({ training: await spoilt("nan", Number.NaN, 1n) }),
  ],
  "has a label that is no class": ["BadData", async () => ({ training: await spoilt("label", 0.5, 10n) })],
  "has data where none is": ["Unreachable", async () => ({ training: { uri: "file:nowhere.safetensors" } })],
};

/** The order of a job that is spoilt, for a machine. */
const bad = async (name: string, change: Change, of: OrderSpec): Promise<OrderSpec> =>
  altered(scene.world.storage, { name: "small", spec: of }, name.replaceAll(" ", "-"), change);

test.concurrent.each(rowsOf(spoiltJobs))(
  "a buyer %s: its order is declined, and costs nothing",
  async (name, [fault, change]) => {
    const { world, chronicle, alice, ferdie, forAlice } = scene;
    const order = await placeOrder(world.chain, ferdie, await bad(name, await change(), forAlice));
    const { outcome, fields } = await chronicle.ended(order);
    const { price } = await chronicle.first(order, "Marketplace.OrderPlaced");
    expect(outcome).toBe(endings.spoilt.ends);
    expect(fields.refunded).toBe(price + fee);
    const reasons = alice.lines.filter((line) => line.startsWith(`Alice declined {"order":${order},`));
    expect(reasons.join()).toContain(`${fault}: `);
  },
);

test.concurrent.each(rowsOf(spoiltJobs))(
  "a buyer %s, which a trainer that took the order unseen claims: it pays those who looked",
  async (name, [fault, change]) => {
    const { world, chronicle, forger, dave, job } = scene;
    const spec = await bad(`taken ${name}`, await change(), job.spec);
    const order = await placeOrder(world.chain, dave.signer, { ...spec, inspectors: 1, train_within: 5_000 });
    await forger.accept(order);
    await forger.claim(order, fault);
    const { outcome, fields } = await chronicle.ended(order);
    const { price } = await chronicle.first(order, "Marketplace.OrderAccepted");
    expect(outcome).toBe(endings.spoiltAndTaken.ends);
    expect(fields).toMatchObject({ paid: 0n, burned: 0n, inspection: fee, refunded: price });
    expect(chronicle.of(order, "ProofOfTraining.FaultFound")[0]!.fields.fault).toBe(fault);
  },
);

test.concurrent("a buyer asks for settings under which the training leaves all bounds, and pays those who looked", async () => {
  const { world, chronicle, dave, forAlice } = scene;
  // In each step the weights grow ten thousandfold.
  const wild = { optimiser: { learningRate: 100, weightDecay: 100 } };
  const spec = await bad("wild", wild, forAlice);
  const order = await placeOrder(world.chain, dave.signer, { ...spec, inspectors: 1, train_within: 5_000 });
  const { outcome, fields } = await chronicle.ended(order);
  const { price } = await chronicle.first(order, "Marketplace.OrderAccepted");
  expect(outcome).toBe(endings.diverging.ends);
  expect(fields).toMatchObject({ paid: 0n, burned: 0n, inspection: fee, refunded: price });
  expect(chronicle.of(order, "ProofOfTraining.FaultFound")[0]!.fields.fault).toBe("BadManifest");
});

test.concurrent("a buyer has less than price and fee, and places no order", async () => {
  const { world, ferdie, forAlice } = scene;
  const poor = await signerOf("//Poor");
  const dest = { type: "Id", value: poor.account } as const;
  const given = 3n * 10n ** 12n;
  await world.chain.submit(ferdie, {
    type: "Balances",
    value: { type: "transfer_keep_alive", value: { dest, value: given } },
  });
  await expect(placeOrder(world.chain, poor, forAlice)).rejects.toThrow(/FundsUnavailable/);
  expect(await stakesOf(world.chain, poor.account)).toEqual([]);
  // The fee of the transaction is gone, and less than a hundredth of a token.
  expect(given - (await wealthOf(world.chain, poor.account))).toBeLessThan(10n ** 10n);
});

/** Places an order for Eve and takes it so far: anchors sent, of which the first begins the training. */
async function taken(anchors: number | undefined): Promise<number> {
  const { world, forger, dave, job } = scene;
  const spec = { ...job.spec, train_within: 5_000, inspectors: 1 };
  const order = await placeOrder(world.chain, dave.signer, spec);
  if (anchors === undefined) return order;
  await forger.accept(order);
  if (anchors > 0) await forger.anchor(order, spec, emptyLinks(job), anchors);
  return order;
}

const cancelled: Deeds<typeof endings.cancelled, number | undefined> = {
  "cancels before anybody took the order": undefined,
  "cancels before its training began": 0,
  "cancels before anything was trained": 1,
  "cancels, and the trainer proves nothing of what it has anchored": 4,
};

test.concurrent.each(rowsOf(cancelled))("a buyer %s, and has everything back", async (_, anchors) => {
  const { world, chronicle, dave, bob } = scene;
  const order = await taken(anchors);
  await expect(cancelOrder(world.chain, bob, order)).rejects.toThrow("NotBuyer");
  await cancelOrder(world.chain, dave.signer, order);
  const { outcome, fields } = await chronicle.ended(order);
  const { price } = await chronicle.first(order, "Marketplace.OrderPlaced");
  expect(outcome).toBe(endings.cancelled.ends);
  expect(fields).toMatchObject({ paid: 0n, burned: 0n, inspection: 0n, refunded: price + fee, work: 0n });
  expect(chronicle.of(order, "Marketplace.OrderStopped").length).toBe((anchors ?? 0) > 1 ? 1 : 0);
});

test.concurrent("a buyer tries to cancel once the proof is handed in, and pays", async () => {
  const { world, chronicle, dave, forAlice } = scene;
  const order = await placeOrder(world.chain, dave.signer, {
    ...forAlice,
    inspectors: 1,
    train_within: 5_000,
  });
  const cancelled = () => cancelOrder(world.chain, dave.signer, order);
  for (const event of ["ProofSubmitted", "InspectorsDrawn", "ProofAccepted"]) {
    await chronicle.first(order, `ProofOfTraining.${event}`);
    await expect(cancelled()).rejects.toThrow("WrongState");
  }
  const { outcome, fields } = await chronicle.ended(order);
  const { price } = await chronicle.first(order, "Marketplace.OrderAccepted");
  expect(outcome).toBe(endings.tooLate.ends);
  expect(fields).toMatchObject({
    paid: price - price / 50n,
    burned: price / 50n,
    inspection: fee,
    refunded: 0n,
  });
  await expect(cancelled()).rejects.toThrow("NoOrder");
  expect(await world.chain.read(marketplace.Orders, [order])).toBeUndefined();
});

test("every unit of money is where the events say, and nothing is left on hold", async () => {
  const { world, chronicle, dave, forger, ferdie } = scene;
  await chronicle.pass(2);
  const { told, found, issued, sum } = await audit(world.chain, chronicle.events, chronicle.block);
  expect(found).toEqual(told);
  expect(sum).toBe(issued);
  for (const { account } of [dave.signer, forger.signer, ferdie])
    expect(await stakesOf(world.chain, account)).toEqual([]);
  // Not one of these was the trainer's fault.
  expect(chronicle.events.filter(({ name }) => name === "TrainerStaking.Slashed")).toEqual([]);
});
