/** What agents cost: an order's time beside that of its training, what it and drilling put on the chain, and an agent that only waits. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { devTrainers } from "../../chain-spec/presets.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import { Buyer } from "../../scripts/tour/buyer.ts";
import { type Child, Children } from "../../scripts/tour/children.ts";
import { connectTo, startTrainer } from "../../scripts/tour/network.ts";
import { buyerName, projectName, trainerNames } from "../../scripts/tour/people.ts";
import { Project } from "../../scripts/tour/project.ts";
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import { offersOf } from "../../trainer/client/queries.ts";
import { Ledger } from "./agent-ledger.ts";
import { orderTable } from "./agent-order.ts";
import { cpuMs } from "./process-time.ts";
import type { Table } from "./table.ts";

const [rpcPort, port] = [19_944, 0];
/** So much that the order is weighed as one that can be done in time, and as many units at once as there can be. */
const size = { declared: 1_000, units: 64 };
/** Enough that one thread trains for two minutes; of no more checkpoints are so many anchored. */
const job = { digits: 56_000, checkpoints: 20 };
const [pictures, unitSize] = [1_000, 1];
const idleMs = 60_000;
const trainers = trainerNames.slice(0, devTrainers);

export async function agentBench(): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), "agent-bench-"));
  const [nodes, workers] = [new Children(folder), new Children(folder)];
  const url = `ws://127.0.0.1:${rpcPort}`;
  const storage = join(folder, "storage");
  try {
    const ports = ["--rpc-port", rpcPort, "--port", port, "--prometheus-port", 0].map(String);
    const args = ["--dev", "--base-path", folder, "--pruning", "archive"];
    const chain = await connectTo(url, nodes.start("node", ["node", ...args, ...ports]));
    try {
      const agents = trainers.map((name) => startTrainer(workers, { name, url, folder, storage, size }));
      await hired(chain);
      const idle = await idleShare(agents);
      const person = (name: string) => ({ children: workers, url, name, folder: join(folder, name) });
      const order = await orderTable(chain, new Buyer(person(buyerName), storage, job), job, agents);
      const drilled = await drill(chain, new Project(person(projectName), storage, { pictures, unitSize }));
      return [order, drilled, idle];
    } finally {
      chain.close();
    }
  } finally {
    await workers.stop();
    await nodes.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until all machines are measured and for hire. */
async function hired(chain: ChainClient): Promise<void> {
  for (;;) {
    const offers = await offersOf(chain);
    const measured = await Promise.all(offers.map(({ machine }) => chain.read(machines.Machines, [machine])));
    if (offers.length === trainers.length && measured.every((found) => (found?.measured ?? 0n) > 0n)) return;
    await pause(1_000);
  }
}

/** An agent that has nothing to do, on a chain with a block every two seconds. */
async function idleShare(agents: readonly Child[]): Promise<Table> {
  const before = agents.map(cpuMs);
  await pause(idleMs);
  const shares = agents.map((agent, i) => (100 * (cpuMs(agent) - before[i]!)) / idleMs);
  return {
    title: "agent, waiting for a minute, blocks of 2 s",
    rows: [
      {
        name: "CPU of the busiest of four",
        value: Math.max(...shares),
        unit: "% of a core",
        aim: { atMost: 2 },
      },
    ],
  };
}

/** A task of a thousand units, each done by two. */
async function drill(chain: ChainClient, project: Project): Promise<Table> {
  await project.prepare();
  const ledger = await Ledger.open(chain);
  const { task, units } = await project.drill();
  const events = (await ledger.events()).filter(({ fields }) => fields.task === task);
  const at = (name: string): number => events.findLast((each) => each.name === name)!.at;
  const { count, bytes } = await ledger.count(({ name }) => name.startsWith("Drilling."));
  const perThousand = (value: number) => (1_000 * value) / units;
  return {
    title: `agent, a task of ${units} units, each by two of four trainers`,
    rows: [
      { name: "extrinsics for 1,000 units", value: perThousand(count), unit: "" },
      { name: "bytes of them", value: perThousand(bytes), unit: "bytes" },
      {
        name: "from approval to the last unit",
        value: (at("Drilling.TaskClosed") - at("Drilling.TaskApproved")) / 1_000,
        unit: "s",
      },
    ],
  };
}
