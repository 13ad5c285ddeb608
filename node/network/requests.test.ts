import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { createMetrics } from "../metrics/metrics.ts";
import { costs } from "./costs.ts";
import { Refusal } from "./errors.ts";
import { eventually } from "./testing/eventually.ts";
import { Hosts } from "./testing/hosts.ts";
import type { Network, Protocol, RequestHandler } from "./types.ts";

const hosts = new Hosts();
afterEach(() => hosts.stop());

const echo: Protocol = {
  name: "echo/1",
  maxRequestBytes: 1_000_000,
  maxResponseBytes: 1_000_000,
  timeoutMs: 20_000,
  idleMs: 10_000,
  perPeerPerSecond: 1_000,
};

/** Two connected hosts, of which the second answers `protocol`. */
async function pair(protocol: Protocol, handler: RequestHandler): Promise<[Network, Network]> {
  const [asking, answering] = await hosts.connected(2);
  await answering!.handle(protocol, handler);
  return [asking!, answering!];
}

test("an answer comes back whole, whatever its size", async () => {
  const [a, b] = await pair(echo, (body) => body);
  for (const size of [0, 1, 70_000, 1_000_000]) {
    const body = new Uint8Array(size).map((_, i) => i * 7);
    expect(Buffer.compare(await a.request(b.peerId, echo, body), body), `${size} bytes`).toBe(0);
  }
});

test("many requests at a time are answered each with its own", async () => {
  const protocol = { ...echo, concurrentPerPeer: 64, concurrent: 64 };
  const [a, b] = await pair(protocol, async (body) => {
    await sleep(body[0]! % 5);
    return body;
  });
  const bodies = Array.from({ length: 50 }, (_, i) => Uint8Array.of(i));
  const answers = await Promise.all(bodies.map((body) => a.request(b.peerId, protocol, body)));
  expect(answers).toEqual(bodies);
});

test("a stream of parts comes in order, and ends when the reader has enough", async () => {
  const protocol = { ...echo, maxParts: 1_000 };
  let made = 0;
  let ended = false;
  const [a, b] = await pair(protocol, async function* () {
    try {
      for (; made < 1_000; made++) yield new Uint8Array(10_000).fill(made);
    } finally {
      ended = true;
    }
  });
  const seen: number[] = [];
  for await (const part of a.requestStream(b.peerId, protocol, new Uint8Array())) {
    seen.push(part[9_999]!);
    if (seen.length === 5) break;
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  await eventually(() => ended).toBe(true);
  expect(made).toBeLessThan(1_000);
});

test("a whole stream of parts has all of them", async () => {
  const protocol = { ...echo, maxParts: 20 };
  const [a, b] = await pair(protocol, async function* () {
    for (let i = 0; i < 20; i++) yield Uint8Array.of(i);
  });
  const parts: number[] = [];
  for await (const part of a.requestStream(b.peerId, protocol, new Uint8Array())) parts.push(part[0]!);
  expect(parts).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("each refusal has its code", async () => {
  const [a, b] = await pair(echo, (body) => {
    if (body[0] === 0) throw new Refusal("Unavailable", "not here");
    if (body[0] === 1) throw new Refusal("Busy", "later");
    if (body[0] === 2) throw new Refusal("BadRequest", "no such thing");
    throw new Error("broken");
  });
  for (const [first, code] of ["Unavailable", "Busy", "BadRequest", "Internal"].entries())
    await expect(a.request(b.peerId, echo, Uint8Array.of(first)), code).rejects.toMatchObject({ code });
  expect(b.peer(a.peerId)?.reputation).toBeLessThan(0); // The bad request.
});

test("what is too large is refused where it would be sent", async () => {
  const [a, b] = await pair(echo, () => new Uint8Array(1_000_001));
  await expect(a.request(b.peerId, echo, new Uint8Array(1_000_001))).rejects.toMatchObject({
    code: "TooLarge",
  });
  await expect(a.request(b.peerId, echo, new Uint8Array(1))).rejects.toMatchObject({ code: "Internal" });
});

test("an answer larger than the asker allows is not read, and costs the peer", async () => {
  const [a, b] = await pair(echo, () => new Uint8Array(100_000));
  const small = { ...echo, maxResponseBytes: 99_999 };
  await expect(a.request(b.peerId, small, new Uint8Array())).rejects.toMatchObject({ code: "TooLarge" });
  expect(a.peer(b.peerId)?.reputation).toBeLessThan(-40);
});

test("a peer that does not answer is given up, and loses a little", async () => {
  const [a, b] = await pair(echo, async (_body, _peer, signal) => {
    await sleep(60_000, undefined, { signal }).catch(() => {});
    return new Uint8Array();
  });
  await expect(a.request(b.peerId, { ...echo, idleMs: 100 }, new Uint8Array())).rejects.toMatchObject({
    code: "Timeout",
  });
  await expect(a.request(b.peerId, echo, new Uint8Array(), { timeoutMs: 100 })).rejects.toMatchObject({
    code: "Timeout",
  });
  expect(a.peer(b.peerId)?.reputation).toBeCloseTo(-2 * costs.Slow, 1);
});

test("a caller that gives up gets its own reason, and the handler hears of it", async () => {
  const asked = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const [a, b] = await pair(echo, async (_body, _peer, signal) => {
    asked.resolve();
    signal.addEventListener("abort", () => heard.resolve());
    await heard.promise;
    return new Uint8Array();
  });
  const controller = new AbortController();
  const answer = a.request(b.peerId, echo, new Uint8Array(), { signal: controller.signal });
  void asked.promise.then(() => controller.abort(new Error("enough")));
  await expect(answer).rejects.toThrow("enough");
  await heard.promise;
  expect(a.peer(b.peerId)?.reputation).toBe(0);
});

test("an unknown protocol and an unknown peer have their codes", async () => {
  const [a, b] = await hosts.connected(2);
  await expect(a!.request(b!.peerId, echo, new Uint8Array())).rejects.toMatchObject({ code: "Unsupported" });
  const stranger = await hosts.start();
  await expect(a!.request(stranger.peerId, echo, new Uint8Array())).rejects.toMatchObject({
    code: "NotConnected",
  });
});

test("a peer that leaves ends the requests that wait for it", async () => {
  const [a, b] = await pair(echo, () => {
    void a.disconnect(b.peerId);
    return new Promise(() => {});
  });
  const answer = a.request(b.peerId, echo, new Uint8Array());
  await expect(answer).rejects.toMatchObject({ code: "NotConnected" });
});

test("an honest asker stays below the rate of the other side by itself", async () => {
  const protocol = { ...echo, perPeerPerSecond: 100, burst: 20, concurrentPerPeer: 64, concurrent: 64 };
  const [a, b] = await pair(protocol, (body) => body);
  const answers = Array.from({ length: 60 }, (_, i) => a.request(b.peerId, protocol, Uint8Array.of(i)));
  expect(await Promise.all(answers)).toHaveLength(60);
  expect(b.peer(a.peerId)?.reputation).toBe(0);
});

test("requests are counted by outcome", async () => {
  const metrics = createMetrics({ name: "test", version: "1" });
  const [a, b] = await hosts.connected(2, { metrics });
  await b!.handle(echo, (body) => body);
  await a!.request(b!.peerId, echo, new Uint8Array(5));
  const text = await metrics.registry.metrics();
  expect(text).toContain('matrixai_network_requests_total{protocol="echo/1",outcome="Ok"} 1');
  expect(text).toContain('substrate_sub_libp2p_peers_count{direction="in"}');
});
