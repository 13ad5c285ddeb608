/**
 * A trainer's daemon that is killed at each step of an order, and an inspector's between verdict and commitment and between
 * commitment and reveal: the order ends as if nothing had happened, and nothing is sent twice.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { signerOf } from "../../trainer/client/signer.ts";
import { AgentProcess } from "./agents/agent-process.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { digitsOrder } from "./agents/digits-order.ts";

let world: AgentsChain;
let agents: AgentProcess[];

beforeAll(async () => {
  world = await AgentsChain.open(4);
  agents = ["Alice", "Bob", "Charlie", "Dave"].map((name, i) => new AgentProcess(world, name, i === 0));
  for (const agent of agents) agent.start();
});
afterAll(async () => {
  await Promise.all((agents ?? []).map((agent) => agent.stop()));
  await world?.close();
});

test("killed at each step, a trainer ends its order once, and an inspector its seat", async () => {
  const [trainer, inspector] = agents as [AgentProcess, AgentProcess];
  const challenged = trainer.crashAt(/committed to its products/);
  const machine = await world.until(async () => {
    const id = await world.chain.read(machines.MachineAt, [0]);
    const found = id && (await world.chain.read(machines.Machines, [id]));
    const offered = id && (await world.chain.read(marketplace.Offers, [id]));
    return found?.state === "Available" && offered ? id : undefined;
  });
  await challenged;

  const inspected = inspector
    .crashAt(/: inspected /)
    .then(() => inspector.crashAt(/committed to its verdict/));
  const buyer = await signerOf("//Ferdie");
  const spec = await digitsOrder(world.storage, machine, 1);
  const accepted = trainer.crashAt(/accepted /);
  await world.chain.submit(buyer, { type: "Marketplace", value: { type: "place_order", value: { spec } } });
  await accepted;
  await trainer.crashAt(/anchored .*checkpoint=0/);
  await trainer.crashAt(/anchored .*checkpoint=5/);
  await trainer.crashAt(/: trained /);
  await trainer.crashAt(/: stored /);
  await trainer.crashAt(/submitted its proof/);
  await inspected;
  const ended = await world.until(() => world.chain.read(marketplace.Ended, [0]));
  expect(ended.outcome).toBe("Completed");

  // The chain has refused nothing: whatever was sent was sent once.
  const head = Number((await world.chain.request<{ number: string }>("chain_getHeader")).number);
  for (let number = 1; number <= head; number++) {
    const hash = await world.chain.request<string>("chain_getBlockHash", number);
    const events = await world.chain.read(system.Events, [], hash);
    expect(events.map(({ event }) => event.value.type)).not.toContain("ExtrinsicFailed");
  }
});
