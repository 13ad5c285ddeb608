/** The agents of trainers against a node: what a buyer orders is trained, inspected by the others, and paid. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { runAgent } from "../../trainer/agent/agent.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { digitsOrder } from "./agents/digits-order.ts";

const mai = 10n ** 12n;
const names = ["Alice", "Bob", "Charlie", "Dave"] as const;
const idOf = (i: number) => new Uint8Array(16).fill(i + 1);

let world: AgentsChain;
let storage: string;
let buyer: Signer;
const lines: string[] = [];
const stop = new AbortController();
const running: Promise<void>[] = [];

beforeAll(async () => {
  world = await AgentsChain.open(names.length);
  storage = world.storage;
  buyer = await signerOf("//Ferdie");
  for (const [i, name] of names.entries()) {
    const signer = await signerOf(`//${name}`);
    const say = (level: string) => (message: string, fields?: Record<string, unknown>) => {
      const text = `${name} ${level} ${message} ${JSON.stringify(fields, (_, v) => (typeof v === "bigint" ? `${v}` : v))}`;
      lines.push(text);
      if (process.env.SHOW) console.log(text);
    };
    running.push(
      runAgent(
        {
          url: world.node.url,
          signer,
          machines:
            i === 0
              ? [
                  {
                    id: idOf(i),
                    declared: 1_000_000n,
                    offer: { price_per_ut: 1_000n * mai, longest: 5_000, disk: 128 },
                    device: { threads: 1 },
                  },
                ]
              : [],
          policy: { maxOrders: 1, haste: 2, formats: ["idx"] },
          folder: join(world.folder, name),
          store: { files: { root: storage } },
          packages: "file:packages",
          claimFrom: 10n ** 18n,
          log: { info: say("info"), warn: say("warn") },
        },
        { stop: stop.signal },
      ),
    );
  }
});
afterAll(async () => {
  stop.abort();
  await Promise.all(running);
  await world?.close();
});

test("an order is accepted, trained, inspected by three others and paid", async () => {
  const machine = idOf(0);
  await world.until(() => world.chain.read(marketplace.Offers, [machine]));
  await world.until(
    async () => (await world.chain.read(machines.Machines, [machine]))?.state === "Available" || undefined,
  );
  const spec = await digitsOrder(storage, machine, 1);
  await world.chain.submit(buyer, { type: "Marketplace", value: { type: "place_order", value: { spec } } });
  const ended = await world.until(() => world.chain.read(marketplace.Ended, [0]));
  expect(ended.outcome).toBe("Completed");
});
