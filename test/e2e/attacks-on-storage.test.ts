/**
 * A storage server that fails, hangs, cuts off, shortens, changes or loses an object, while the trainer fetches the buyer's
 * data, while inspectors fetch it, and while they fetch the trainer's package: what passes by itself is waited for, and
 * what does not is for whoever chose the server to answer.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit, stakesOf } from "./agents/accounts.ts";
import { placeOrder } from "./agents/place-order.ts";
import { altered } from "./attacks/altered.ts";
import { type Deeds, endings, rowsOf } from "./attacks/endings.ts";
import { fee, openScene, type Scene } from "./attacks/scene.ts";
import {
  atFirst,
  changed,
  cut,
  failing,
  gone,
  later,
  shortened,
  silent,
  type Trouble,
  type TroubledServer,
  troubledServer,
} from "./attacks/troubled-server.ts";

let server: TroubledServer;
let scene: Scene;
let data: Buffer;

beforeAll(async () => {
  server = await troubledServer();
  scene = await openScene(({ storage }) => ({
    store: { files: { root: storage }, web: { inner: true, idleMs: 1_000 } },
    packages: `${server.url}/packages`,
  }));
  data = readFileSync(join(scene.world.storage, "small-training.safetensors"));
}, 900_000);
afterAll(async () => {
  await scene?.close();
  await server?.close();
});

/** An order for Alice, whose training data lies on the server under a name of its own; one of the two others inspects. */
async function ordered(name: string, train_within = 5_000): Promise<number> {
  const { world, dave, forAlice } = scene;
  const path = `/${name}.safetensors`;
  server.stored.set(path, data);
  const changes = { training: { uri: `${server.url}${path}` } };
  const spec = altered(world.storage, { name: "small", spec: forAlice }, name, changes);
  return placeOrder(world.chain, dave.signer, { ...spec, inspectors: 1, train_within });
}

/** How the order ended, and what was agreed. */
async function endOf(order: number) {
  const { outcome, fields } = await scene.chronicle.ended(order);
  const { price, bond } = await scene.chronicle.first(order, "Marketplace.OrderAccepted");
  return { outcome, fields, price, bond };
}

async function expectPaid(order: number, outcome: "Completed" | "Faulted"): Promise<void> {
  const end = await endOf(order);
  const burned = end.price / 50n;
  expect(end.outcome).toBe(outcome);
  expect(end.fields).toMatchObject({ paid: end.price - burned, burned, inspection: fee, refunded: 0n });
}

const faultOf = (order: number) =>
  scene.chronicle.of(order, "ProofOfTraining.FaultFound")[0]?.fields.fault as string | undefined;

const passing: Deeds<typeof endings.passing, Trouble> = {
  "fails for a while": atFirst(2, failing),
  "hangs for a while": atFirst(1, silent),
  "cuts off what it sends": atFirst(6, cut),
};

test.concurrent.each(rowsOf(passing))(
  "a server of the buyer's %s, and holds nobody up for long",
  async (name, how) => {
    const path = name.replaceAll(" ", "-");
    server.trouble("GET", `/${path}.safetensors`, how);
    await expectPaid(await ordered(path), endings.passing.ends);
  },
);

/** One request when the order is weighed, one when it is trained. */
const [weighed, trained] = [1, 2];

const dataLost: Deeds<typeof endings.dataLost, readonly [Trouble, string]> = {
  "loses the data once the order is taken": [gone, "Unreachable"],
  "changes the data once the order is taken": [changed, "HashMismatch"],
  "shortens the data once the order is taken": [shortened, "BadData"],
};

test.concurrent.each(rowsOf(dataLost))(
  "a server of the buyer's %s, and the trainer loses nothing",
  async (name, [how, fault]) => {
    const path = name.replaceAll(" ", "-");
    server.trouble("GET", `/${path}.safetensors`, later(weighed, how));
    const order = await ordered(path);
    const { outcome, fields, price } = await endOf(order);
    expect(outcome).toBe(endings.dataLost.ends);
    expect(fields).toMatchObject({ paid: 0n, burned: 0n, inspection: fee, refunded: price });
    expect(faultOf(order)).toBe(fault);
  },
);

const dataLostLate: Deeds<typeof endings.dataLostLate, readonly [Trouble, string]> = {
  "loses the data once the proof is handed in": [gone, "Unreachable"],
  "changes the data once the proof is handed in": [changed, "HashMismatch"],
  "shortens the data once the proof is handed in": [shortened, "BadData"],
};

test.concurrent.each(rowsOf(dataLostLate))(
  "a server of the buyer's %s, and the trainer is paid",
  async (name, [how, fault]) => {
    const path = name.replaceAll(" ", "-");
    server.trouble("GET", `/${path}.safetensors`, later(trained, how));
    const order = await ordered(path);
    await expectPaid(order, endings.dataLostLate.ends);
    expect(faultOf(order)).toBe(fault);
  },
);

const packageLost: Deeds<typeof endings.packageLost, Trouble> = {
  "loses a checkpoint that is handed in": gone,
  "changes a checkpoint that is handed in": changed,
  "shortens a checkpoint that is handed in": shortened,
};

test.concurrent.each(rowsOf(packageLost))(
  "a server of the trainer's %s, and the trainer loses its bond",
  async (name, how) => {
    const order = await ordered(name.replaceAll(" ", "-"));
    server.trouble("GET", `-order-${order}/checkpoint-000005.safetensors`, how);
    const { outcome, fields, price, bond } = await endOf(order);
    expect(outcome).toBe(endings.packageLost.ends);
    expect(fields).toMatchObject({ refunded: price + fee, to_buyer: bond / 2n, to_inspectors: bond / 4n });
    expect(scene.chronicle.of(order, "ProofOfTraining.ProofRejected")[0]!.fields.rule).toBe("Package");
  },
);

test.concurrent("a server of the trainer's takes nothing for a while, and then gives nothing for a while: it is paid", async () => {
  const order = await ordered("package-in-time");
  server.trouble("PUT", `-order-${order}/checkpoint-000007.safetensors`, atFirst(2, failing));
  server.trouble("GET", `-order-${order}/checkpoint-000007.safetensors`, atFirst(2, cut));
  server.trouble("GET", `-order-${order}/proof.json`, atFirst(2, failing));
  await expectPaid(order, endings.packagePassing.ends);
});

test.concurrent("a server of the trainer's takes nothing until the deadline, which costs it a tenth of its bond", async () => {
  const order = await ordered("package-too-late", 120);
  server.trouble("PUT", `-order-${order}/index.json`, failing);
  const { outcome, fields, price, bond } = await endOf(order);
  expect(outcome).toBe(endings.packageLate.ends);
  expect(fields).toMatchObject({
    state: "Training",
    refunded: price + fee,
    penalty: bond / 10n,
    inspection: 0n,
  });
});

test("every unit of money is where the events say, and nothing is left on hold", async () => {
  const { world, chronicle, dave } = scene;
  await chronicle.pass(2);
  const { told, found, issued, sum } = await audit(world.chain, chronicle.events, chronicle.block);
  expect(found).toEqual(told);
  expect(sum).toBe(issued);
  expect(await stakesOf(world.chain, dave.signer.account)).toEqual([]);
});
