/** Starts the nodes of a local network and shows how they stand; with trainers beside them, what they do. Stops them cleanly. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Children } from "./tour/children.ts";
import { type LocalNode, startLocalNodes } from "./tour/local-network.ts";
import { nodeTable } from "./tour/node-table.ts";
import { usualDigits } from "./tour/options.ts";
import { trainerNames } from "./tour/people.ts";
import { perform } from "./tour/perform.ts";

const shownEveryMs = 2_000;
/** An order has one trainer and three inspectors. */
const leastTrainers = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fresh: { type: "boolean", default: false },
    trainers: { type: "boolean", default: false },
    "no-tour": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    "base-path": { type: "string" },
    "rpc-port": { type: "string", default: "9944" },
    port: { type: "string", default: "30333" },
    "prometheus-port": { type: "string", default: "9615" },
  },
});
const count = Number(positionals[0] ?? 4);
const least = values.trainers ? leastTrainers : 1;
if (!Number.isInteger(count) || count < least || count > trainerNames.length || positionals.length > 1)
  refuse(`how many nodes? One number from ${least} to ${trainerNames.length}, such as: scripts/localnet 4`);
const [rpc, peers, metrics] = (["rpc-port", "port", "prometheus-port"] as const).map((name) => {
  const first = Number(values[name]);
  if (Number.isInteger(first) && first >= 1 && first + count <= 65_536) return first;
  return refuse(`--${name} takes the first of ${count} ports, such as 9944`);
}) as [number, number, number];
const ports = { rpc, peers, metrics };
const base = values["base-path"] ?? join("data", values.trainers ? "local-trainers" : "local");
if (values.fresh) rmSync(base, { recursive: true, force: true });
mkdirSync(base, { recursive: true });
const names = trainerNames.slice(0, count).map((name) => name.toLowerCase());

if (values.trainers) await showTrainers();
else await showNodes();

async function showTrainers(): Promise<void> {
  await perform({
    folder: base,
    rpcPort: rpc,
    trainers: trainerNames.slice(0, count),
    tour: !values["no-tour"],
    json: values.json,
    digits: usualDigits,
    startNodes: async (nodes, storage) =>
      (await startLocalNodes(nodes, { base, names, ports, storage }))[0]!.child,
  });
}

async function showNodes(): Promise<void> {
  const children = new Children(base);
  const nodes = await startLocalNodes(children, { base, names, ports });
  console.log(`${count} nodes; specification and logs lie in ${base}; Ctrl-C stops them`);
  const timer = setInterval(() => void show(nodes), shownEveryMs);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, async () => {
      clearInterval(timer);
      console.log("stopping ...");
      await children.stop();
      process.exit();
    });
}

function refuse(why: string): never {
  console.error(`error: ${why}`);
  process.exit(2);
}

let shown = "";

async function show(nodes: readonly LocalNode[]): Promise<void> {
  const lines = await nodeTable(nodes);
  const text = lines.join("\n");
  if (process.stdout.isTTY && shown !== "") process.stdout.write(`\x1b[${lines.length}A\x1b[J`);
  // A file or a pipe hears of changes only.
  if (process.stdout.isTTY || text !== shown) console.log(text);
  shown = text;
}
