/** The node as its clients feel it: requests, notifications, start-up and memory. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type NodeProcess, startNode } from "../e2e/node-process.ts";
import { ask, open, requestsPerSecond } from "./rpc-load.ts";
import { type Signing, signedRemarks, verificationsPerSecond } from "./signed-remarks.ts";
import type { Row, Table } from "./table.ts";

const subscribers = 1000;
const slotMs = 2000;
const senders = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];

export async function rpcBench(): Promise<Table[]> {
  const began = performance.now();
  const node = await startNode(["--rpc-max-connections", String(subscribers + 100)]);
  const echo = await startEcho();
  try {
    const first = await open(node.url);
    await ask(first, "system_health");
    const startUp = (performance.now() - began) / 1000;
    await sleep(10_000);
    const idle = megabytes(node);
    const requests = await requestRows(node, echo.url);
    const heads = await headRow(node);
    return [
      {
        title: "RPC",
        rows: [
          { name: "start-up to the first answer", value: startUp, unit: "s" },
          { name: "RSS idle", value: idle, unit: "MB", aim: { atMost: 250 } },
          ...requests,
          heads,
          { name: `RSS after load, ${subscribers} subscribers`, value: megabytes(node), unit: "MB" },
        ],
      },
    ];
  } finally {
    echo.stop();
    await node.stop();
  }
}

/** Both servers are asked in turns with messages of the same length, so that both feel the same machine. */
async function requestRows(node: NodeProcess, echoUrl: string): Promise<Row[]> {
  const socket = await open(node.url);
  const signing: Signing = {
    genesisHash: (await ask(socket, "chain_getBlockHash", 0)) as `0x${string}`,
    ...((await ask(socket, "state_getRuntimeVersion")) as Omit<Signing, "genesisHash">),
  };
  const account = (await ask(socket, "state_getKeysPaged", null, 1000)) as string[];
  socket.terminate();
  const reads = Array.from({ length: 20_000 }, (_, i) =>
    request("state_getStorage", [account[i % account.length]]),
  );
  const remarks = await Promise.all(senders.map((name) => signedRemarks(name, 500, signing)));
  const submits = remarks.flat().map((hex) => request("author_submitExtrinsic", [hex]));

  const rates: { read: number; echo: number }[] = [];
  for (let round = 0; round < 5; round++) {
    rates.push({
      echo: await requestsPerSecond(echoUrl, reads),
      read: await requestsPerSecond(node.url, reads),
    });
  }
  const middle = rates.sort((a, b) => a.read / a.echo - b.read / b.echo)[2]!;
  const submitEcho = await requestsPerSecond(echoUrl, submits);
  const verified = await verificationsPerSecond();
  const submit = await requestsPerSecond(node.url, submits);
  const unit = "requests/s";
  const signatures = { name: "signature checks of one core", value: verified };
  return [
    {
      name: "state_getStorage",
      value: middle.read,
      unit,
      against: { name: "bare echo", value: middle.echo },
    },
    {
      name: "author_submitExtrinsic",
      value: submit,
      unit,
      against: { name: "bare echo", value: submitEcho },
    },
    { name: "author_submitExtrinsic beside its signatures", value: submit, unit, against: signatures },
  ];
}

const request = (method: string, params: unknown[]) =>
  JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });

/** From the first subscriber that hears of a head to the last; the median of five heads. */
async function headRow(node: NodeProcess): Promise<Row> {
  const sockets = await Promise.all(Array.from({ length: subscribers }, () => open(node.url)));
  await Promise.all(sockets.map((socket) => ask(socket, "chain_subscribeNewHeads")));
  const times = new Map<string, number[]>();
  for (const socket of sockets) {
    socket.on("message", (data) => {
      const { number } = JSON.parse(String(data)).params.result;
      times.set(number, [...(times.get(number) ?? []), performance.now()]);
    });
  }
  await sleep(7 * slotMs);
  for (const socket of sockets) socket.terminate();
  const spans = [...times.values()]
    .filter(({ length }) => length === subscribers)
    .map((all) => Math.max(...all) - Math.min(...all))
    .sort((a, b) => a - b);
  const median = spans[spans.length >> 1];
  if (median === undefined) throw new Error("no head reached every subscriber");
  return {
    name: `a head reaches ${subscribers} subscribers within`,
    value: median,
    unit: "ms",
    aim: { atMost: slotMs },
  };
}

async function startEcho(): Promise<{ readonly url: string; stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "echo-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.once("data", (line: Buffer) => resolve(line.toString().trim())),
  );
  return { url, stop: () => void child.kill() };
}

/** Resident memory of the node, from the kernel. */
function megabytes({ pid }: NodeProcess): number {
  const pages = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(pages) / 1000;
}
