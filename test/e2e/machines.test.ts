/** A trainer with two machines on one device, a bounded disk, and bids for orders that are open to all; and one in bounded memory. */
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace, type OrderSpec, workPrice } from "../../pallets/marketplace/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { Figures } from "../../trainer/agent/figures.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { AgentProcess } from "./agents/agent-process.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle } from "./agents/chronicle.ts";
import { digitsOrder } from "./agents/digits-order.ts";
import { publishTask, registerProject, smallTask } from "./agents/drilling-task.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";
import { MemoryWatch } from "./agents/memory-watch.ts";

const mai = 10n ** 12n;
const [first, second] = [hireable(1), hireable(2)];
const bids = { price_per_ut: 900n * mai, longest: 5_000, disk: 128 };

let world: AgentsChain;
let chronicle: Chronicle;
let buyer: Signer;
let alice: Honest;
let inspectors: Honest[] = [];
let eve: AgentProcess | undefined;
let spec: OrderSpec;
const drain = new AbortController();
const figures = new Figures(tmpdir());

beforeAll(async () => {
  world = await AgentsChain.open(5);
  chronicle = new Chronicle(world.chain);
  buyer = await signerOf("//Ferdie");
  alice = await honest(world, "Alice", {
    machines: [first, second],
    policy: { maxOrders: 1, haste: 2, formats: ["idx"] },
    bids,
    maxDiskBytes: 190 * 2 ** 20,
    drain: drain.signal,
    figures,
  });
  const drilling = { units: 4, besideOrders: true, vote: "recount", refuse: [], maxBond: 10n * mai } as const;
  const drills = { machine: { ...hireable(3), offer: undefined }, drilling, results: "file:results/Bob" };
  inspectors = await Promise.all([
    honest(world, "Bob", drills),
    ...["Charlie", "Dave"].map((name) => honest(world, name)),
  ]);
  spec = await digitsOrder(world.storage, first.id, 1);
  for (const { id } of [first, second]) {
    await world.until(() => world.chain.read(marketplace.Offers, [id]));
    const isReady = async () => (await world.chain.read(machines.Machines, [id]))?.state === "Available";
    await world.until(async () => (await isReady()) || undefined);
  }
});
afterAll(async () => {
  await eve?.stop();
  await Promise.all([alice, ...inspectors].map((agent) => agent?.close()));
  await chronicle?.close();
  await world?.close();
});

async function place(change: Partial<OrderSpec>): Promise<number> {
  const order = await world.chain.read(marketplace.NextOrder, []);
  const value = { type: "place_order", value: { spec: { ...spec, ...change } } } as const;
  await world.chain.submit(buyer, { type: "Marketplace", value });
  return order;
}

/** The place of the first line that says something of an order. */
const lineOf = (order: number, message: string) =>
  alice.lines.findIndex((line) => line.startsWith(`Alice ${message} {"order":${order},`));

test("orders for two machines that share a device are taken together and trained one after the other", async () => {
  const orders = [await place({ machine: first.id }), await place({ machine: second.id })];
  const ends = await Promise.all(orders.map((order) => chronicle.ended(order)));
  expect(ends.map(({ outcome }) => outcome)).toEqual(["Completed", "Completed"]);
  const accepted = await Promise.all(
    orders.map((order) => chronicle.first(order, "Marketplace.OrderAccepted")),
  );
  expect(accepted.map(({ machine }) => machine)).toEqual([first.id, second.id]);
  const [one, other] = orders.toSorted((a, b) => lineOf(a, "trains") - lineOf(b, "trains"));
  expect(lineOf(other!, "trains")).toBeGreaterThan(lineOf(one!, "trained"));
  const steps = await figures.registry.getSingleMetric("matrixai_trainer_steps_total")?.get();
  expect(steps?.values[0]?.value).toBe(2 * spec.steps);
});

test("an open order is bid for at the floor, and done once the buyer takes the bid; what does not fit on the disk beside it is declined", async () => {
  const floor = workPrice(spec.flop, bids.price_per_ut);
  const cheap = await place({ machine: undefined, price_limit: floor - 1n });
  const order = await place({ machine: undefined, price_limit: 2n * floor });
  const { trainer, machine, price } = await chronicle.first(order, "Marketplace.BidPlaced");
  const { account } = await signerOf("//Alice");
  expect([equalBytes(trainer, account), price]).toEqual([true, floor]);
  expect([first.id, second.id].some((id) => equalBytes(id, machine))).toBe(true);
  const value = { type: "take_bid", value: { order, trainer: account } } as const;
  await world.chain.submit(buyer, { type: "Marketplace", value });
  const large = await place({
    machine: [first.id, second.id].find((id) => !equalBytes(id, machine)),
    disk: 128,
  });
  expect((await chronicle.ended(large)).outcome).toBe("Declined");
  expect(alice.lines[lineOf(large, "declined")]).toMatch(
    /it needs 128 MiB; of the 190 MiB that may be filled, \d+ MiB are and 6\d MiB are promised to others/,
  );
  const { outcome, fields } = await chronicle.ended(order);
  expect([outcome, fields.paid]).toEqual(["Completed", floor - (floor * 2n) / 100n]);
  expect(chronicle.of(cheap, "Marketplace.BidPlaced")).toEqual([]);
});

test("what is drained takes its bids back", async () => {
  const order = await place({ machine: undefined });
  await chronicle.first(order, "Marketplace.BidPlaced");
  drain.abort();
  await chronicle.first(order, "Marketplace.BidWithdrawn");
  expect(await world.chain.read(marketplace.Bids, [order])).toEqual([]);
});

const mib = 2 ** 20;
/** What a graph may take, by Eve's configuration, and what is left to the daemon itself. */
const [graphMiB, daemonMiB] = [320, 400];

/** What happens when somebody is not in time. */
const lateness = [
  "TrainerStaking.Slashed",
  "Marketplace.OrderExpired",
  "Drilling.UnitReissued",
  "Drilling.WindowExtended",
  "Machines.ChallengeFailed",
];

test("two orders and drilling at once stay within the memory that is configured, and nobody misses a deadline", async () => {
  const id = new Uint8Array(16).fill(4);
  eve = new AgentProcess(world, "Eve", true, {
    machines: [
      {
        id: `0x${"04".repeat(16)}`,
        declared: 1,
        offer: { pricePerUt: 1_000, longest: 5_000, disk: 128 },
        threads: 1,
        memoryMiB: graphMiB,
      },
    ],
    policy: { maxOrders: 2, haste: 2, formats: ["idx"] },
    drilling: { units: 4, besideOrders: true, maxBond: 10 },
    results: "file:results/Eve",
  });
  eve.start();
  await world.until(async () => {
    const isReady = (await world.chain.read(machines.Machines, [id]))?.state === "Available";
    return (isReady && (await world.chain.read(marketplace.Offers, [id]))) || undefined;
  });
  const before = chronicle.events.length;
  const memory = new MemoryWatch(eve.pid!);
  const project = await registerProject(world, buyer);
  const drilled = await smallTask(world, "beside", 24);
  const task = await publishTask(world, buyer, project, {
    ...drilled,
    commit_window: 300,
    reveal_window: 300,
  });
  const of = (name: string) =>
    chronicle.events.filter((each) => each.name === `Drilling.${name}` && each.fields.task === task);
  await chronicle.until(() => of("TaskApproved")[0]);
  const orders = [await place({ machine: id }), await place({ machine: id })];
  for (const order of orders) expect((await chronicle.ended(order)).outcome).toBe("Completed");
  const { fields } = await chronicle.until(() => of("TaskClosed")[0]);
  const peak = memory.stop();
  if (process.env.MATRIXAI_TEST_SHOW) console.log(peak);

  // A child for the training and one for the units were at work at once.
  expect(peak.children).toBeGreaterThanOrEqual(2);
  expect(peak.child).toBeLessThan(graphMiB * mib);
  expect(peak.daemon).toBeLessThan(daemonMiB * mib);
  expect(peak.all).toBeLessThan((daemonMiB + 2 * graphMiB) * mib);

  expect([fields.agreed, fields.failed]).toEqual([24, 0]);
  // Who is trusted by then is asked alone.
  const members = of("UnitAgreed").flatMap(({ fields: each }) => each.trainers);
  expect(of("MemberPaid").length).toBe(members.length);
  const { account } = await signerOf("//Eve");
  const isHers = ({ order, trainer }: { order?: number; trainer?: Uint8Array }) =>
    orders.includes(order ?? -1) || Buffer.compare(account, trainer ?? new Uint8Array()) === 0;
  const late = chronicle.events.slice(before).filter(({ name }) => lateness.includes(name));
  expect(late.filter(({ fields }) => fields.task === task || isHers(fields))).toEqual([]);
});
