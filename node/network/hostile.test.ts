import { once } from "node:events";
import { connect as tcp } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { costs } from "./costs.ts";
import { encodeStatus, statusBytes } from "./status-codec.ts";
import { eventually } from "./testing/eventually.ts";
import { connect, genesis, gone, Hosts, seen, statusAt, until } from "./testing/hosts.ts";
import { closed, prefix, RawHost } from "./testing/raw-host.ts";
import type { Network, Protocol } from "./types.ts";

const hosts = new Hosts();
let raw: RawHost;
beforeEach(async () => {
  raw = await RawHost.start();
});
afterEach(async () => {
  await raw.stop();
  await hosts.stop();
});

const echo: Protocol = {
  name: "echo/1",
  maxRequestBytes: 1_000,
  maxResponseBytes: 1_000,
  timeoutMs: 1_000,
  idleMs: 200,
  perPeerPerSecond: 1,
  burst: 10,
};

/** A node that answers `echo` and is connected with the raw host. */
async function victim(protocol: Protocol = echo): Promise<Network> {
  const network = await hosts.start();
  await network.handle(protocol, (body) => body);
  await raw.tellStatus();
  const ready = seen(network, raw.peerId);
  await raw.dial(network);
  await ready;
  return network;
}

const reputation = (network: Network): number | undefined => network.peer(raw.peerId)?.reputation;

test("a node of another chain is not connected with, from either side", async () => {
  const ours = await hosts.start();
  const foreign = await hosts.start({ genesis: new Uint8Array(32).fill(8) });
  const fork = await hosts.start({ forkId: "b" });
  for (const other of [foreign, fork]) {
    await ours.dial(other.listenAddresses()[0]!).catch(() => {});
    await other.dial(ours.listenAddresses()[0]!).catch(() => {});
    await expect(ours.dial(other.listenAddresses()[0]!)).rejects.toThrow();
  }
  expect([...ours.peers(), ...foreign.peers(), ...fork.peers()]).toEqual([]);
});

test("a node that lies in its protocol names is caught by its status", async () => {
  const network = await hosts.start();
  await raw.tellStatus(encodeStatus(statusAt(1), new Uint8Array(32).fill(8)));
  await raw.dial(network);
  await eventually(() => raw.libp2p.getConnections()).toEqual([]);
  expect(network.peers()).toEqual([]);
});

test("a node that tells no status is let go", async () => {
  const network = await hosts.start({ limits: { handshakeMs: 200 } });
  await raw.libp2p.handle(raw.names.protocol("status/1"), () => {});
  await raw.dial(network);
  await eventually(() => raw.libp2p.getConnections()).toEqual([]);
});

test("garbage instead of a status ends the connection", async () => {
  const network = await hosts.start();
  await raw.tellStatus(new Uint8Array(statusBytes).fill(255));
  await raw.dial(network);
  await eventually(() => raw.libp2p.getConnections()).toEqual([]);
});

test("a length that is too large costs the peer before a byte of it is read", async () => {
  const network = await victim();
  const stream = await raw.open(network, echo.name);
  stream.send(prefix(0xffff_ffff));
  await closed(stream);
  expect(reputation(network)).toBeCloseTo(-costs.Oversized, 0);
});

test("a request that stops in the middle, or drips, is given up", async () => {
  const network = await victim();
  const half = await raw.open(network, echo.name);
  half.send(Uint8Array.of(...prefix(10), 1, 2, 3));
  await half.close();
  await closed(half);
  const silent = await raw.open(network, echo.name);
  silent.send(prefix(10).subarray(0, 2));
  await closed(silent);
  const drip = await raw.open(network, echo.name);
  drip.send(prefix(1_000));
  // Each byte comes within the idle limit; all of them would take much longer than the whole exchange may.
  const drops = setInterval(() => drip.status === "open" && drip.send(Uint8Array.of(1)), 50);
  await closed(drip);
  clearInterval(drops);
  expect(reputation(network)).toBeCloseTo(-3 * costs.Slow, 0);
});

test("a peer that takes its answer too slowly is given up", async () => {
  const network = await victim({ ...echo, maxResponseBytes: 8 << 20, maxRequestBytes: 8 << 20 });
  await network.handle(
    { ...echo, name: "large/1", maxResponseBytes: 8 << 20 },
    () => new Uint8Array(8 << 20),
  );
  const stream = await raw.open(network, "large/1");
  stream.pause();
  stream.send(prefix(0));
  await eventually(() => reputation(network)).toBeCloseTo(-costs.Slow, 0);
});

test("a flood of requests is turned away, and at length the peer is banned", async () => {
  const network = await victim();
  const left = gone(network, raw.peerId);
  let answers = 0;
  for (let i = 0; i < 200 && network.peer(raw.peerId); i++) {
    const stream = await raw.open(network, echo.name).catch(() => undefined);
    if (stream?.status !== "open") continue;
    stream.send(Uint8Array.of(...prefix(1), i));
    const answer = await RawHost.read(stream).catch(() => undefined);
    if (answer?.[0] === 0) answers++;
  }
  await left;
  expect(answers).toBeLessThan(20);
  await raw.dial(network).catch(() => {});
  await eventually(() => raw.libp2p.getConnections()).toEqual([]);
  expect(network.peers()).toEqual([]);
});

test("streams opened and left alone do not shut out an honest peer", async () => {
  const network = await victim({ ...echo, concurrentPerPeer: 2, idleMs: 1_000, burst: 100 });
  for (let i = 0; i < 8; i++) await raw.open(network, echo.name).catch(() => {});
  const honest = await hosts.start();
  await connect(honest, network);
  expect(await honest.request(network.peerId, echo, Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});

test("the same answer twice, or an answer of an unknown kind, is no answer", async () => {
  const network = await victim();
  const answers = [Uint8Array.of(9), new Uint8Array(), Uint8Array.of(1, 5)];
  await raw.libp2p.handle(raw.names.protocol(echo.name), async (stream) => {
    const answer = answers.shift()!;
    stream.send(Uint8Array.of(...prefix(answer.length), ...answer));
    await stream.close();
  });
  await expect(network.request(raw.peerId, echo, new Uint8Array())).rejects.toMatchObject({
    code: "Malformed",
  });
  expect(reputation(network)).toBeCloseTo(-costs.Malformed, 0);
  const left = gone(network, raw.peerId);
  await expect(network.request(raw.peerId, echo, new Uint8Array())).rejects.toMatchObject({
    code: "Malformed",
  });
  await left;
});

test("status messages in a flood cost the peer", async () => {
  const network = await victim();
  const left = gone(network, raw.peerId);
  for (let i = 0; i < 200 && network.peer(raw.peerId); i++) {
    const stream = await raw.open(network, "status/1").catch(() => undefined);
    if (stream?.status !== "open") continue;
    stream.send(Uint8Array.of(...prefix(statusBytes), ...encodeStatus(statusAt(i), genesis)));
    await RawHost.read(stream).catch(() => undefined);
    await stream.close().catch(() => {});
  }
  await left;
});

test("a replayed status is no news", async () => {
  const network = await victim();
  let news = 0;
  network.on("status", () => news++);
  for (let i = 0; i < 3; i++) {
    const stream = await raw.open(network, "status/1");
    stream.send(Uint8Array.of(...prefix(statusBytes), ...encodeStatus(statusAt(1), genesis)));
    await RawHost.read(stream);
    await stream.close();
  }
  expect(news).toBe(0);
  const stream = await raw.open(network, "status/1");
  const heard = until(network, "status", () => network.peer(raw.peerId)?.best.number === 2);
  stream.send(Uint8Array.of(...prefix(statusBytes), ...encodeStatus(statusAt(2), genesis)));
  await heard;
});

test("more peers than are wanted are let go, reserved ones excepted", async () => {
  const network = await hosts.start({ limits: { maxIn: 2 } });
  const others = await Promise.all([1, 2, 3].map(() => hosts.start({ limits: { maxOut: 0 } })));
  await connect(others[0]!, network);
  await connect(others[1]!, network);
  await others[2]!.dial(network.listenAddresses()[0]!).catch(() => {});
  await eventually(() => others[2]!.peers()).toEqual([]);
  expect(network.peers()).toHaveLength(2);
  await network.addReserved(others[2]!.listenAddresses()[0]!);
  await seen(network, others[2]!.peerId);
  expect(network.peers()).toHaveLength(3);
});

test("sockets that open and say nothing do not shut out an honest peer", async () => {
  const network = await hosts.start({ limits: { handshakeMs: 20_000 } });
  const port = Number(network.listenAddresses()[0]!.split("/")[4]);
  const sockets = Array.from({ length: 60 }, () => tcp(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  await connect(await hosts.start(), network);
  for (const socket of sockets) socket.destroy();
});

test("arbitrary bytes on any protocol leave the node well", async () => {
  const network = await victim({ ...echo, perPeerPerSecond: 10_000, idleMs: 50 });
  network.subscribe("blocks", () => "accept");
  // A reserved peer is never banned, so that it can go on to the end.
  await network.addReserved(raw.libp2p.getMultiaddrs()[0]!.toString());
  const protocols = ["echo/1", "status/1", "/meshsub/1.2.0", "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...protocols),
      fc.uint8Array({ maxLength: 100 }),
      async (protocol, bytes) => {
        const stream = await (protocol.startsWith("/")
          ? raw.openWire(network, protocol)
          : raw.open(network, protocol)
        ).catch(() => undefined);
        if (stream?.status !== "open") return;
        if (bytes.length > 0) stream.send(bytes);
        stream.abort(new Error("and away"));
      },
    ),
    { numRuns: 60 },
  );
  const honest = await hosts.start();
  await connect(honest, network);
  expect(await honest.request(network.peerId, echo, Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});
