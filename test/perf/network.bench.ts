/** What gossip sustains, and what peers cost in memory: one node in its own process, fifty peers in this one. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "../../node/log/log.ts";
import { startNetwork } from "../../node/network/network.ts";
import type { Network } from "../../node/network/types.ts";
import type { NodeFigures } from "./network-node.ts";
import { benchNetwork } from "./network-options.ts";
import type { Table } from "./table.ts";

const peerCount = 50;
const messageBytes = 512;
const seconds = 10;

export async function networkBench(): Promise<Table> {
  const node = fork(new URL("./network-node.ts", import.meta.url), { execArgv: ["--expose-gc"] });
  const peers: Network[] = [];
  try {
    await once(node, "message");
    const alone = await figures(node);
    for (let i = 0; i < peerCount; i++) {
      const peer = await startNetwork(benchNetwork(0), { log: silentLog });
      peer.subscribe("finality", () => "accept");
      await peer.dial(alone.address);
      peers.push(peer);
    }
    // Meshes grow with the heartbeats.
    await sleep(5_000);
    const connected = await figures(node);
    const stop = AbortSignal.timeout(seconds * 1_000);
    await Promise.all(peers.map((peer) => speak(peer, stop)));
    const after = await figures(node);
    const messages = after.messages - connected.messages;
    return {
      title: `network, ${connected.peers} peers`,
      rows: [
        {
          name: `gossip of ${messageBytes} B, validated and forwarded`,
          value: messages / seconds,
          unit: "messages/s",
        },
        {
          name: "the same for each second of the node's processor",
          value: messages / (after.cpuSeconds - connected.cpuSeconds),
          unit: "messages/s",
        },
        { name: "RSS without a peer", value: alone.rssMb, unit: "MB" },
        { name: `RSS with ${connected.peers} peers`, value: connected.rssMb, unit: "MB" },
        { name: "RSS after the gossip", value: after.rssMb, unit: "MB" },
      ],
    };
  } finally {
    node.kill();
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

async function figures(node: ChildProcess): Promise<NodeFigures> {
  const answer = once(node, "message");
  node.send("figures");
  return (await answer)[0] as NodeFigures;
}

/** Publishes until the end, below the rate that one peer may have. */
async function speak(peer: Network, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const began = performance.now();
    for (let i = 0; i < 30 && !stop.aborted; i++)
      await peer.publish("finality", crypto.getRandomValues(new Uint8Array(messageBytes)));
    await sleep(Math.max(0, 100 - (performance.now() - began)));
  }
}
