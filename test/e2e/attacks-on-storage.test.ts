/**
 * A storage server that fails, hangs, cuts off, shortens, changes or loses an object, while the trainer fetches the buyer's
 * data, while inspectors fetch it, and while they fetch the trainer's package: what passes by itself is waited for, and
 * what does not is for whoever chose the server to answer.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OrderSpec } from "../../pallets/marketplace/index.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { hashOf } from "../../trainer/proof/canonical.ts";
import { audit, stakesOf } from "./agents/accounts.ts";
import { command, inTime } from "./agents/command.ts";
import { placeOrder } from "./agents/place-order.ts";
import { altered } from "./attacks/altered.ts";
import { type Deeds, endings, rowsOf } from "./attacks/endings.ts";
import { emptyLinks, fee, openScene, type Scene } from "./attacks/scene.ts";
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
  scene = await openScene(
    ({ storage }) => ({
      store: { files: { root: storage }, web: { inner: true, idleMs: 1_000 } },
      packages: `${server.url}/packages`,
    }),
    60,
  );
  data = readFileSync(join(scene.world.storage, "small-training.safetensors"));
}, 900_000);
afterAll(async () => {
  await scene?.close();
  await server?.close();
});

/** An order for Alice, or by another `spec`, whose training data lies on the server under a name of its own; one of the others inspects. */
async function ordered(
  name: string,
  train_within = 5_000,
  given: OrderSpec = scene.forAlice,
): Promise<number> {
  const { world, dave } = scene;
  const path = `/${name}.safetensors`;
  server.stored.set(path, data);
  const changes = { training: { uri: `${server.url}${path}` } };
  const spec = altered(world.storage, { name: "small", spec: given }, name, changes);
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

const silenced: Deeds<typeof endings.silenced, Trouble> = {
  "is silenced by a friend of the trainer's, who hands in nothing, and answers again before the ruling is final":
    failing,
};

test.concurrent.each(rowsOf(silenced))(
  "a server of the buyer's %s: the buyer appeals, and the trainer loses all of its bond",
  async (_, how) => {
    const { world, chronicle, forger, job, dave } = scene;
    let isSilenced = false;
    server.trouble("GET", "/silenced.safetensors", (request, response, serve, object) =>
      isSilenced ? how(request, response, serve, object) : serve(),
    );
    const order = await ordered("silenced", 5_000, job.spec);
    await forger.accept(order);
    await forger.anchor(order, job.spec, emptyLinks(job));
    isSilenced = true;
    await forger.submit(order, hashOf(textBytes("nothing")), `${server.url}/nowhere/index.json`);
    expect((await chronicle.first(order, "ProofOfTraining.FaultFound")).fault).toBe("Unreachable");
    isSilenced = false;

    const appeal = await inTime(world, "Dave", "ProofOfTraining.appeal", "order", "appeal", `${order}`);
    expect(appeal).toMatchObject({ code: 0, json: { order } });
    const { bond } = await chronicle.first(order, "ProofOfTraining.Appealed");
    expect(appeal.json.bond).toBe(`${bond}`);
    const end = await endOf(order);
    expect(end.outcome).toBe(endings.silenced.ends);
    expect(end.fields).toMatchObject({ refunded: end.price + fee, to_buyer: end.bond / 2n });
    expect(await chronicle.first(order, "ProofOfTraining.AppealEnded")).toMatchObject({
      appellant: dave.signer.account,
      result: "Overturned",
      returned: bond,
    });
    expect(await command(world, "Dave", "order", "appeal", `${order}`)).toMatchObject({
      code: 2,
      json: { error: { message: expect.stringMatching(/is rejected: .*: only while it is judged/) } },
    });
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
  server.trouble("GET", `-order-${order}/proof-${scene.job.spec.checkpoints}.json`, atFirst(2, failing));
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
