/** Starts the nodes of a local network, shows a table of how they stand, and stops them cleanly. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { localSpec } from "../chain-spec/presets.ts";
import { printChainSpec } from "../chain-spec/spec-file.ts";
import { testTrainers } from "../chain-spec/test-trainers.ts";
import { peerIdOfSecret } from "../node/network/peer-id.ts";
import { genesisFields } from "../runtime/genesis.ts";

const [firstRpcPort, firstPort, firstMetricsPort] = [9944, 30333, 9615];
const shownEveryMs = 2_000;
const patienceMs = 1_000;

interface LocalNode {
  readonly name: string;
  readonly rpc: string;
  readonly log: string;
  readonly child: ChildProcess;
}

const names = testTrainers.map(({ uri }) => uri.slice("//".length).toLowerCase());
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fresh: { type: "boolean" }, "base-path": { type: "string", default: join("data", "local") } },
});
const count = Number(positionals[0] ?? 4);
if (!Number.isInteger(count) || count < 1 || count > names.length || positionals.length > 1) {
  console.error(`how many nodes? One number from 1 to ${names.length}, such as: scripts/localnet 4`);
  process.exit(2);
}
const base = values["base-path"];
if (values.fresh) rmSync(base, { recursive: true, force: true });
mkdirSync(base, { recursive: true });

// With fewer nodes than trainers in genesis nothing would become final, so the chain is that of this many.
const spec = join(base, `local-${count}.json`);
writeFileSync(spec, printChainSpec(localSpec(count), genesisFields));
const firstPeer = await peerIdOfSecret(Buffer.from(nodeKey(0), "hex"));
const nodes = names.slice(0, count).map(start);
console.log(`${count} nodes of the chain in ${spec}; logs lie beside it; Ctrl-C stops them`);
let shown = "";
const table = setInterval(show, shownEveryMs);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());

function start(name: string, index: number): LocalNode {
  const log = join(base, `${name}.log`);
  const file = openSync(log, "a");
  const args = [
    ...["node", "--chain", spec, "--base-path", join(base, name), `--${name}`, "--name", name],
    ...["--port", String(firstPort + index), "--rpc-port", String(firstRpcPort + index)],
    ...["--prometheus-port", String(firstMetricsPort + index), "--node-key", nodeKey(index)],
    ...(index > 0 ? ["--bootnodes", `/ip4/127.0.0.1/tcp/${firstPort}/p2p/${firstPeer}`] : []),
  ];
  // In a group of its own, so that Ctrl-C reaches it through us alone.
  const child = spawn("scripts/matrixai", args, { stdio: ["ignore", file, file], detached: true });
  return { name, log, rpc: `http://127.0.0.1:${firstRpcPort + index}`, child };
}

/** An identity that is the same at each start. Everybody knows it: fit for one machine only. */
function nodeKey(index: number): string {
  return (index + 1).toString(16).padStart(64, "0");
}

async function stop(): Promise<void> {
  clearInterval(table);
  console.log("stopping ...");
  await Promise.all(
    nodes.map(async ({ child }) => {
      if (hasEnded(child)) return;
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
    }),
  );
  process.exit();
}

async function show(): Promise<void> {
  const rows = await Promise.all(nodes.map(rowOf));
  const header = ["node", "best", "final", "peers", "state", "RPC"];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const lines = [header, ...rows].map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  "),
  );
  const text = lines.join("\n");
  if (process.stdout.isTTY && shown !== "") process.stdout.write(`\x1b[${lines.length}A\x1b[J`);
  // A file or a pipe hears of changes only.
  if (process.stdout.isTTY || text !== shown) console.log(text);
  shown = text;
}

async function rowOf({ name, rpc, log, child }: LocalNode): Promise<string[]> {
  if (hasEnded(child)) return [name, "-", "-", "-", `ended, see ${log}`, "-"];
  try {
    const [best, final, health] = await Promise.all([
      call<{ number: string }>(rpc, "chain_getHeader"),
      call<string>(rpc, "chain_getFinalizedHead").then((hash) =>
        call<{ number: string }>(rpc, "chain_getHeader", hash),
      ),
      call<{ peers: number; isSyncing: boolean }>(rpc, "system_health"),
    ]);
    const state = health.isSyncing ? "syncing" : "at the head";
    const height = ({ number }: { number: string }) => String(Number(number));
    return [name, height(best), height(final), String(health.peers), state, rpc.replace("http", "ws")];
  } catch {
    return [name, "-", "-", "-", "no answer yet", "-"];
  }
}

async function call<T>(url: string, method: string, ...params: unknown[]): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(patienceMs),
  });
  const { result } = (await answer.json()) as { result: T };
  return result;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
