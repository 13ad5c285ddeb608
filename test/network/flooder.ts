/**
 * A hostile peer, run as a process on a host of its own: it joins the network as anybody can, then sends forged blocks,
 * garbage on every topic, requests that mean nothing, and raw bytes to the port, as fast as it is let.
 * Arguments: genesis hash, own multiaddress, victim's multiaddress with peer id, a header in hex, seconds.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { silentLog } from "../../node/log/log.ts";
import { startNetwork } from "../../node/network/network.ts";
import { topics } from "../../node/network/topics.ts";
import type { Network } from "../../node/network/types.ts";
import { headersProtocol } from "../../node/sync/protocols.ts";

const [genesis, own, victim, header, seconds] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");
const top = { hash: randomBytes(32), number: 1_000_000_000 };

const network: Network = await startNetwork(
  {
    genesis: bytes(genesis),
    // A lie that makes every node want our blocks.
    status: { role: "authority", best: top, finalized: top },
    agent: "flooder/1",
    listen: [own],
    bootnodes: [victim],
    privateAddresses: true,
  },
  { log: silentLog },
);
const sent = { gossip: 0, requests: 0, raw: 0, bans: 0 };
for (const topic of Object.keys(topics) as (keyof typeof topics)[]) network.subscribe(topic, () => "ignore");
network.on("disconnected", () => sent.bans++);

const end = performance.now() + Number(seconds) * 1000;
const [, host, , port] = victim.slice(1).split("/") as [string, string, string, string];
while (performance.now() < end) {
  const forged = Uint8Array.from(bytes(header));
  forged[40 + Math.floor(Math.random() * 30)]! ^= 1 + Math.floor(Math.random() * 255);
  await Promise.allSettled([
    network.publish("blocks", forged).then(() => sent.gossip++),
    network.publish("transactions", randomBytes(1_000)).then(() => sent.gossip++),
    network.publish("finality", randomBytes(200)).then(() => sent.gossip++),
    ...network
      .peers()
      .map(({ id }) => network.request(id, headersProtocol, randomBytes(20)).finally(() => sent.requests++)),
  ]);
  const socket = connect(Number(port), host, () => socket.end(randomBytes(10_000)));
  socket.on("error", () => undefined);
  sent.raw++;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(JSON.stringify(sent));
await network.stop();
process.exit(0);
