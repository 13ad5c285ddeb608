import { identify } from "@libp2p/identify";
import { encode } from "it-length-prefixed";
import { createLibp2p } from "libp2p";
import { afterEach, expect, test, vi } from "vitest";
import { createMetrics } from "../metrics/metrics.ts";
import { costs } from "./costs.ts";
import type { GossipInternals } from "./gossip-internals.ts";
import { gossipService } from "./gossip-service.ts";
import { watchGossip } from "./gossip-watch.ts";
import { eventually } from "./testing/eventually.ts";
import { gossipRpc } from "./testing/gossip-bytes.ts";
import { connect, genesis, gone, Hosts, seen } from "./testing/hosts.ts";
import { RawHost } from "./testing/raw-host.ts";
import { topicNames, topics } from "./topics.ts";
import type { Network, Validator, Verdict } from "./types.ts";
import { wireNames } from "./wire-names.ts";

const hosts = new Hosts();
const raws: RawHost[] = [];
afterEach(async () => {
  await Promise.all(raws.splice(0).map((raw) => raw.stop()));
  await hosts.stop();
});

/** What a host heard, as text, and what it says to each message. */
class Ear {
  readonly heard: string[] = [];
  verdict: Verdict = "accept";
  readonly validate: Validator = (bytes) => {
    this.heard.push(Buffer.from(bytes).toString());
    return this.verdict;
  };
}

const text = (message: string): Uint8Array => Buffer.from(message);

/** Three hosts in a line, so that the last hears only what the middle one forwards. */
async function line(): Promise<{ hosts: [Network, Network, Network]; ears: [Ear, Ear, Ear] }> {
  const limits = { maxOut: 0 };
  const [a, b, c] = [
    await hosts.start({ limits }),
    await hosts.start({ limits }),
    await hosts.start({ limits }),
  ];
  const ears: [Ear, Ear, Ear] = [new Ear(), new Ear(), new Ear()];
  for (const [i, host] of [a, b, c].entries()) host.subscribe("blocks", ears[i]!.validate);
  await connect(a, b);
  await connect(b, c);
  await reaches(a, "first", ears[2]);
  return { hosts: [a, b, c], ears };
}

/** Publishes until it arrives: a mesh takes a moment to grow. */
async function reaches(from: Network, message: string, ear: Ear): Promise<void> {
  let round = 0;
  await eventually(async () => {
    await from.publish("blocks", text(`${message} ${round++}`));
    return ear.heard.some((heard) => heard.startsWith(message));
  }).toBe(true);
}

test("an accepted message goes on, once for each host", async () => {
  const {
    hosts: [a],
    ears,
  } = await line();
  await a.publish("blocks", text("vote"));
  await eventually(() => ears[2].heard.filter((m) => m === "vote")).toEqual(["vote"]);
  expect(await a.publish("blocks", text("vote"))).toBe(0);
  await a.publish("blocks", text("end"));
  await eventually(() => ears[2].heard.includes("end")).toBe(true);
  for (const ear of ears.slice(1)) expect(ear.heard.filter((m) => m === "vote")).toEqual(["vote"]);
  expect(ears[0].heard).not.toContain("vote");
});

test("a message is not forwarded before it is judged, nor when it is ignored or rejected", async () => {
  const {
    hosts: [a, b],
    ears,
  } = await line();
  for (const verdict of ["ignore", "reject"] as const) {
    ears[1].verdict = verdict;
    await a.publish("blocks", text(verdict));
    await eventually(() => ears[1].heard.includes(verdict)).toBe(true);
  }
  expect(b.peer(a.peerId)?.reputation).toBeCloseTo(-costs.Invalid, 0);
  ears[1].verdict = "accept";
  await a.publish("blocks", text("end"));
  await eventually(() => ears[2].heard.includes("end")).toBe(true);
  expect(ears[2].heard).not.toContain("ignore");
  expect(ears[2].heard).not.toContain("reject");
});

test("a validator that throws forwards nothing and blames nobody", async () => {
  const limits = { maxOut: 0 };
  const [a, b, c] = [
    await hosts.start({ limits }),
    await hosts.start({ limits }),
    await hosts.start({ limits }),
  ];
  const ear = new Ear();
  let broken = false;
  a.subscribe("blocks", () => "accept");
  const leave = b.subscribe("blocks", () => {
    if (broken) throw new Error("broken");
    return "accept";
  });
  c.subscribe("blocks", ear.validate);
  await connect(a, b);
  await connect(b, c);
  await reaches(a, "first", ear);
  broken = true;
  await a.publish("blocks", text("lost"));
  broken = false;
  await reaches(a, "next", ear);
  expect(b.peer(a.peerId)?.reputation).toBe(0);
  expect(() => b.subscribe("blocks", () => "accept")).toThrow("subscriber");
  leave();
  b.subscribe("blocks", () => "accept")();
});

test("on a topic that repeats, the same content is heard from each who says it, each time", async () => {
  const limits = { maxOut: 0 };
  const [a, b, c] = [
    await hosts.start({ limits }),
    await hosts.start({ limits }),
    await hosts.start({ limits }),
  ];
  const ear = new Ear();
  ear.verdict = "ignore";
  a.subscribe("finality", () => "ignore");
  b.subscribe("finality", () => "ignore");
  c.subscribe("finality", ear.validate);
  await connect(a, c);
  await connect(b, c);
  await eventually(() => a.publish("finality", text("warm"))).toBe(1);
  await eventually(() => b.publish("finality", text("warm"))).toBe(1);
  for (const host of [a, b, a]) await host.publish("finality", text("here"));
  await eventually(() => ear.heard.filter((m) => m === "here")).toEqual(["here", "here", "here"]);
});

test("what is too large or empty cannot be published", async () => {
  const host = await hosts.start();
  await expect(host.publish("blocks", new Uint8Array(topics.blocks.maxBytes + 1))).rejects.toThrow("allowed");
  await expect(host.publish("blocks", new Uint8Array())).rejects.toThrow("allowed");
  expect(await host.publish("blocks", new Uint8Array(topics.blocks.maxBytes))).toBe(0);
});

test("the largest message of every topic arrives", async () => {
  const [a, b] = await hosts.connected(2);
  for (const topic of topicNames) {
    const sizes: number[] = [];
    a!.subscribe(topic, () => "accept");
    b!.subscribe(topic, (bytes) => {
      sizes.push(bytes.length);
      return "accept";
    });
    const { maxBytes } = topics[topic];
    await eventually(() => a!.publish(topic, text(`warm ${Math.random()}`))).toBe(1);
    expect(await a!.publish(topic, new Uint8Array(maxBytes))).toBe(1);
    await eventually(() => sizes.at(-1)).toBe(maxBytes);
  }
});

/** A node that hears `transactions`, and a raw peer with a gossip stream to it. */
async function withRaw(ear: Ear, metrics?: ReturnType<typeof createMetrics>) {
  const network = await hosts.start(metrics ? { metrics } : {});
  network.subscribe("transactions", ear.validate);
  const raw = await RawHost.start();
  raws.push(raw);
  await raw.tellStatus();
  // A peer counts for the router once it is known to speak gossip.
  await raw.libp2p.handle("/meshsub/1.2.0", () => {});
  const ready = seen(network, raw.peerId);
  await raw.dial(network);
  await ready;
  const topic = raw.names.topic("transactions");
  let stream = await raw.openWire(network, "/meshsub/1.2.0");
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (stream.status !== "open") stream = await raw.openWire(network, "/meshsub/1.2.0");
    stream.send(encode.single(bytes));
  };
  await eventually(async () => {
    await send(gossipRpc([{ topic, data: text(`hello ${Math.random()}`) }]));
    return ear.heard.length;
  }).toBeGreaterThan(0);
  return { network, raw, topic, send, stream: () => stream };
}

const reputation = (network: Network, raw: RawHost) => network.peer(raw.peerId)?.reputation;

test("bytes that are no gossip cost the peer, and at length its connection", async () => {
  const { network, raw, send } = await withRaw(new Ear());
  await send(Uint8Array.of(10, 255, 255, 255, 255, 15));
  await eventually(() => reputation(network, raw)).toBeCloseTo(-costs.Malformed, 0);
  const left = gone(network, raw.peerId);
  await send(Uint8Array.of(10, 255, 255, 255, 255, 15));
  await left;
});

test("a length beyond the largest message ends the connection", async () => {
  const { network, raw, stream } = await withRaw(new Ear());
  const left = gone(network, raw.peerId);
  stream().send(Uint8Array.of(255, 255, 255, 127));
  await left;
});

test("a message above its topic's limit is dropped unread and costs the peer", async () => {
  const ear = new Ear();
  const { network, raw, topic, send } = await withRaw(ear);
  await send(gossipRpc([{ topic, data: new Uint8Array(topics.transactions.maxBytes + 1) }]));
  await eventually(() => reputation(network, raw)).toBeCloseTo(-costs.Oversized, 0);
  expect(ear.heard.filter((m) => !m.startsWith("hello"))).toEqual([]);
});

test("messages on topics that nobody has are dropped without a trace", async () => {
  const ear = new Ear();
  const { network, raw, topic, send } = await withRaw(ear);
  const foreign = topic.replace("07", "08");
  const strange = Array.from({ length: 20 }, (_, i) => `topic ${i}`);
  await send(
    gossipRpc(
      [
        { topic: foreign, data: text("a") },
        { topic: "x", data: text("b") },
      ],
      strange,
    ),
  );
  await send(gossipRpc([{ topic, data: text("end") }]));
  await eventually(() => ear.heard.at(-1)).toBe("end");
  expect(ear.heard).not.toContain("a");
  expect(reputation(network, raw)).toBe(0);
});

test("a message that was dropped for the sender's rate is heard from another peer", async () => {
  const ear = new Ear();
  const metrics = createMetrics({ name: "test", version: "1" });
  const { network, raw, send } = await withRaw(new Ear(), metrics);
  network.subscribe("blocks", ear.validate);
  const left = gone(network, raw.peerId);
  const names = Array.from({ length: topics.blocks.burst + 200 }, (_, i) => `flood ${i}`);
  await send(gossipRpc(names.map((name) => ({ topic: raw.names.topic("blocks"), data: text(name) }))));
  await left; // So many above the limit are a ban.
  const honest = await hosts.start();
  honest.subscribe("blocks", () => "accept");
  await connect(honest, network);
  let warm = 0;
  await eventually(async () => {
    await honest.publish("blocks", text(`warm ${warm++}`));
    return ear.heard.some((m) => m.startsWith("warm"));
  }).toBe(true);
  // By now all that was let through is heard.
  expect(ear.heard.length).toBeGreaterThanOrEqual(topics.blocks.burst);
  const dropped = names.find((name) => !ear.heard.includes(name))!;
  await honest.publish("blocks", text(dropped));
  await eventually(() => ear.heard.includes(dropped)).toBe(true);
  expect(await metrics.registry.metrics()).toMatch(
    /gossip_messages_total\{topic="blocks",verdict="limited"\} \d/,
  );
});

test("a replayed message is judged once", async () => {
  const ear = new Ear();
  const { network, raw, topic, send } = await withRaw(ear);
  for (let i = 0; i < 5; i++) await send(gossipRpc([{ topic, data: text("same") }]));
  await send(gossipRpc([{ topic, data: text("end") }]));
  await eventually(() => ear.heard.at(-1)).toBe("end");
  expect(ear.heard.filter((m) => m === "same")).toHaveLength(1);
  expect(reputation(network, raw)).toBe(0);
});

test("a peer to which no gossip flows is let go at the second look", () => {
  vi.useFakeTimers();
  const left: string[] = [];
  const streamsOutbound = new Map([["hears", {}]]);
  const router = { getPeers: () => ["hears", "deaf"], streamsOutbound } as unknown as GossipInternals;
  const stop = watchGossip(router, (peer) => left.push(peer), 10);
  vi.advanceTimersByTime(15);
  expect(left).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(left).toEqual(["deaf"]);
  stop();
  vi.useRealTimers();
});

test("the pinned gossipsub has the parts that are used beside its types", async () => {
  const libp2p = await createLibp2p({
    start: false,
    services: { identify: identify(), gossip: gossipService(wireNames(genesis), () => 0) },
  });
  const router = libp2p.services.gossip as GossipInternals;
  for (const name of ["decodeRpc", "handleReceivedRpc", "pipePeerReadStream", "onPeerDisconnected"] as const)
    expect(router[name], name).toBeTypeOf("function");
  expect(router.streamsOutbound).toBeInstanceOf(Map);
});
