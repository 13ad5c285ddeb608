/** The agents of trainers against a node: what a buyer orders is trained, inspected by the others, and paid; what cannot be ends as it should. */
import { globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace, type OrderSpec } from "../../pallets/marketplace/index.ts";
import { runAgent } from "../../trainer/agent/agent.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { digitsOrder } from "./agents/digits-order.ts";

const mai = 10n ** 12n;
const names = ["Alice", "Bob", "Charlie", "Dave"] as const;
const machine = new Uint8Array(16).fill(1);
const offer = { price_per_ut: 1_000n * mai, longest: 5_000, disk: 128 };

let world: AgentsChain;
let buyer: Signer;
let spec: OrderSpec;
const lines: string[] = [];
const stop = new AbortController();
const drain = new AbortController();
const running: Promise<void>[] = [];

beforeAll(async () => {
  world = await AgentsChain.open(names.length);
  buyer = await signerOf("//Ferdie");
  const signers = await Promise.all(names.map((name) => signerOf(`//${name}`)));
  running.push(...signers.map(start));
  await world.until(() => world.chain.read(marketplace.Offers, [machine]));
  await world.until(
    async () => (await world.chain.read(machines.Machines, [machine]))?.state === "Available" || undefined,
  );
  spec = await digitsOrder(world.storage, machine, 1);
});
afterAll(async () => {
  stop.abort();
  await Promise.all(running);
  await world?.close();
});

/** Starts a trainer's agent; the first has the machine. What it says goes to `lines`. */
function start(signer: Signer, place: number): Promise<void> {
  const name = names[place]!;
  const say = (message: string, fields?: Record<string, unknown>) => {
    const text = JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? value.toString() : value));
    lines.push(`${name} ${message} ${text}`);
    if (process.env.MATRIXAI_TEST_SHOW) console.log(lines.at(-1));
  };
  const options = {
    url: world.url,
    signer,
    machines: place === 0 ? [{ id: machine, declared: 1_000_000n, offer, device: { threads: 1 } }] : [],
    policy: { maxOrders: 1, haste: 2, formats: ["idx" as const] },
    folder: join(world.folder, name),
    store: { files: { root: world.storage } },
    packages: "file:packages",
    claimFrom: 10n ** 18n,
    log: { info: say, warn: say },
  };
  return runAgent(options, { stop: stop.signal, ...(place === 0 && { drain: drain.signal }) });
}

async function place(change: Partial<OrderSpec> = {}): Promise<number> {
  const order = await world.chain.read(marketplace.NextOrder, []);
  const value = { type: "place_order", value: { spec: { ...spec, ...change } } } as const;
  await world.chain.submit(buyer, { type: "Marketplace", value });
  return order;
}

const endOf = async (order: number) =>
  (await world.until(() => world.chain.read(marketplace.Ended, [order]))).outcome;
const said = (pattern: RegExp) => lines.filter((line) => pattern.test(line));

async function heard(pattern: RegExp): Promise<void> {
  while (said(pattern).length === 0) await pause(20);
}

test("two orders at once are trained one after the other, inspected by three others, and paid", async () => {
  const orders = [await place(), await place()];
  const { price } = (await world.chain.read(marketplace.Orders, [orders[0]!]))!;
  for (const order of orders) expect(await endOf(order)).toBe("Completed");
  const { completed, paid, work } = await world.chain.read(marketplace.Totals, []);
  expect([completed, paid]).toEqual([2, 2n * (price - (price * 2n) / 100n)]);
  expect(work).toBe(2n * (spec.flop / 432_000n));
  const begun = lines.findIndex((line) => line.startsWith(`Alice trains {"order":${orders[1]}`));
  expect(begun).toBeGreaterThan(
    lines.findIndex((line) => line.startsWith(`Alice trained {"order":${orders[0]}`)),
  );
});

test.each<[string, () => Partial<OrderSpec>, RegExp]>([
  ["whose manifest is another", () => ({ manifest: new Uint8Array(32).fill(9) }), /HashMismatch/],
  ["whose figures are not its manifest's", () => ({ flop: spec.flop - 1n }), /BadManifest: flop is/],
  [
    "whose manifest lies where it may not read",
    () => ({ manifest_uri: Buffer.from("file:../chain.json") }),
    /Unreachable.*outside/,
  ],
  ["whose manifest is not there", () => ({ manifest_uri: Buffer.from("file:nowhere.json") }), /Unreachable/],
  [
    "whose results are to be sealed to another than its manifest says",
    () => ({ recipient: new Uint8Array(32).fill(9) }),
    /BadManifest: recipient is 0x0909.* undefined by the manifest/,
  ],
])("an order %s is declined, and told why", async (_, change, reason) => {
  const order = await place(change());
  expect(await endOf(order)).toBe("Declined");
  // The agent says so once that is final, which is later than it is the best block.
  const declined = new RegExp(`^Alice declined .*"order":${order}\\b`);
  await heard(declined);
  expect(said(declined)[0]).toMatch(reason);
});

test("a package of which a part is gone is rejected by all inspectors", async () => {
  const order = await place();
  await heard(new RegExp(`^Alice stored .*"order":${order}\\b`));
  const [folder] = globSync(join(world.storage, "packages", `*-order-${order}`));
  rmSync(join(folder!, "checkpoint-000005.safetensors"));
  expect(await endOf(order)).toBe("Rejected");
  expect(said(new RegExp(`inspected .*"order":${order}\\b.*Rejected`)).length).toBe(3);
});

test("a training that its buyer cancels is stopped, what was anchored of it is proved and paid, and the next order is taken", async () => {
  const order = await place();
  const { price } = await world.until(() => world.chain.read(marketplace.Orders, [order]));
  await heard(new RegExp(`^Alice anchored .*"order":${order},"checkpoint":2\\b`));
  const before = await world.chain.read(marketplace.Totals, []);
  await world.chain.submit(buyer, { type: "Marketplace", value: { type: "cancel_order", value: { order } } });
  const anchors = await world.until(async () => {
    const { state } = (await world.chain.read(marketplace.Orders, [order])) ?? {};
    return state === "Stopping" ? world.chain.read(marketplace.Anchors, [order]) : undefined;
  });
  const next = await place();
  expect(await endOf(order)).toBe("Cancelled");
  const { step } = anchors.at(-1)!;
  expect(step).toBeLessThan(spec.steps);
  const due = (price * BigInt(step)) / BigInt(spec.steps);
  const after = await world.chain.read(marketplace.Totals, []);
  expect(after.paid - before.paid).toBe(due - (due * 2n) / 100n);
  expect(after.work - before.work).toBe(((spec.flop / BigInt(spec.steps)) * BigInt(step)) / 432_000n);
  expect(await endOf(next)).toBe("Completed");
});

test("a node that is killed under its agents is found again, and the order goes on", async () => {
  const order = await place();
  await heard(new RegExp(`^Alice anchored .*"order":${order},"checkpoint":3\\b`));
  await world.crash(1_000);
  expect(await endOf(order)).toBe("Completed");
});

test("an agent that is drained ends its order, takes no other, and ends", async () => {
  const order = await place();
  await heard(new RegExp(`^Alice accepted .*"order":${order}\\b`));
  drain.abort();
  await running[0];
  expect(await endOf(order)).toBe("Completed");
  expect(await world.chain.read(marketplace.Offers, [machine])).toBeUndefined();
});
