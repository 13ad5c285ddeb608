import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { silentLog } from "../../log/log.ts";
import type { Limits } from "./limits.ts";
import { call, type Sink, subscription } from "./method.ts";
import { text, whole } from "./params.ts";
import { RpcServer } from "./server.ts";

let server: RpcServer;
let port = 0;
const sinks = new Set<Sink>();
let produced = 0;

const methods = {
  burn: call({}, () => {
    const end = performance.now() + 2;
    while (performance.now() < end);
  }),
  echo: call({ word: text }, ({ word }) => word),
  large: call({ length: whole(1e8) }, ({ length }) => {
    produced += length;
    return "x".repeat(length);
  }),
  ...subscription(
    { subscribe: ["ticks"], unsubscribe: ["untick"], notification: "tick" },
    {},
    () => (sink) => {
      sinks.add(sink);
      return () => void sinks.delete(sink);
    },
  ),
};

async function serve(limits: Partial<Limits>): Promise<void> {
  const health = () => ({ peers: 0, isSyncing: false, shouldHavePeers: false });
  server = new RpcServer({ port: 0, limits }, { methods, log: silentLog, health });
  port = await server.start();
}

beforeEach(() => {
  produced = 0;
});
afterEach(() => server.stop());

const ask = (method: string, ...params: unknown[]) =>
  JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

const nextMessage = (socket: WebSocket) =>
  new Promise<Record<string, unknown>>((resolve) =>
    socket.once("message", (data) => resolve(JSON.parse(String(data)))),
  );
const closeCode = (socket: WebSocket) => new Promise<number>((resolve) => socket.once("close", resolve));

/** The node still serves others. */
async function expectAlive(): Promise<void> {
  const socket = await open();
  socket.send(ask("echo", "still here"));
  expect(await nextMessage(socket)).toMatchObject({ result: "still here" });
  socket.terminate();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("deep, crowded and broken JSON is a parse error and costs the connection nothing", async () => {
  await serve({});
  const socket = await open();
  const hostile = [
    "[".repeat(10_000_000),
    `${'{"a":'.repeat(1_000_000)}1`,
    `[${"{},".repeat(4_000_000)}{}]`,
    `"${"x".repeat(10_000_000)}`,
    `${ask("echo", "x")}}`,
    "\u0000",
  ];
  for (const message of hostile) {
    socket.send(message);
    expect(await nextMessage(socket)).toMatchObject({
      id: null,
      error: { code: -32700, message: "Parse error" },
    });
  }
  socket.send(Uint8Array.of(0x22, 0xc3, 0x28, 0x22));
  expect(await nextMessage(socket)).toMatchObject({ error: { code: -32700, data: "not UTF-8" } });
  socket.send(ask("echo", "x".repeat(10_000_000)));
  expect(await nextMessage(socket)).toHaveProperty("result.length", 10_000_000);
  socket.terminate();
});

test("a text frame that is not UTF-8 closes the connection as RFC 6455 says", async () => {
  await serve({});
  const socket = await open();
  socket.send(Uint8Array.of(0x22, 0xc3, 0x28, 0x22), { binary: false });
  expect(await closeCode(socket)).toBe(1007);
  await expectAlive();
});

test("a message that is too long is refused before it is held", async () => {
  await serve({ maxRequestBytes: 1000 });
  const socket = await open();
  socket.send(ask("echo", "x".repeat(2000)));
  expect(await closeCode(socket)).toBe(1009);
  const options = { method: "POST", headers: { "content-type": "application/json" } };
  const answer = await fetch(`http://127.0.0.1:${port}`, { ...options, body: ask("echo", "x".repeat(2000)) });
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ error: { code: -32007 } });
  await expectAlive();
});

test("an HTTP body of unknown length is cut off at the limit", async () => {
  await serve({ maxRequestBytes: 1000 });
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (data) => {
    received += data.toString();
  });
  socket.write(
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  for (let i = 0; i < 3; i++) socket.write(`200\r\n${"x".repeat(512)}\r\n`);
  await new Promise((resolve) => socket.once("close", resolve));
  expect(received).toContain("413");
  await expectAlive();
});

test("an answer that is too long is an error, alone and in a batch", async () => {
  await serve({ maxResponseBytes: 1000 });
  const socket = await open();
  socket.send(ask("large", 2000));
  expect(await nextMessage(socket)).toMatchObject({ id: 1, error: { code: -32008 } });
  socket.send(`[${ask("large", 600)},${ask("large", 600)}]`);
  expect(await nextMessage(socket)).toMatchObject({ id: null, error: { code: -32008 } });
  socket.terminate();
});

test("subscriptions of a batch whose answer is too long are not kept", async () => {
  await serve({ maxResponseBytes: 1000, maxSubscriptionsPerConnection: 3 });
  const socket = await open();
  for (let i = 0; i < 3; i++) {
    socket.send(`[${ask("ticks")},${ask("ticks")},${ask("large", 900)}]`);
    expect(await nextMessage(socket)).toMatchObject({ error: { code: -32008 } });
    expect(sinks.size).toBe(0);
  }
  socket.send(ask("ticks"));
  expect(await nextMessage(socket)).toHaveProperty("result");
  socket.terminate();
});

test("a client that does not read is not served on", async () => {
  await serve({ pauseBytes: 100_000 });
  const socket = await open();
  socket.pause();
  for (let i = 0; i < 5000; i++) socket.send(ask("large", 100_000));
  await expectAlive();
  await until(() => produced > 0);
  const before = produced;
  await new Promise((resolve) => setTimeout(resolve, 200));
  // What the kernel's buffers took, and nothing like the 500 MB that were asked for.
  expect(produced).toBeLessThan(50_000_000);
  expect(produced - before).toBeLessThan(20_000_000);
  let answers = 0;
  socket.on("message", () => answers++);
  socket.resume();
  await until(() => answers === 5000);
  socket.terminate();
});

test("a subscriber that does not read is given up; the others stay", async () => {
  await serve({ maxBufferedBytes: 1_000_000 });
  const [slow, quick] = [await open(), await open()];
  for (const socket of [slow, quick]) {
    socket.send(ask("ticks"));
    await nextMessage(socket);
  }
  slow.pause();
  const notice = "x".repeat(100_000);
  let heard = 0;
  quick.on("message", () => heard++);
  let sent = 0;
  while (sinks.size === 2) {
    for (const sink of sinks) sink.send(notice);
    sent++;
    await until(() => heard === sent);
    expect(sent).toBeLessThan(1000);
  }
  expect(sinks.size).toBe(1);
  slow.terminate();
  quick.terminate();
  await until(() => sinks.size === 0);
});

test("a flood is answered with the limit and does not stop the others", async () => {
  await serve({ callsPerMinute: 100 });
  const socket = await open();
  const codes: unknown[] = [];
  socket.on("message", (data) => codes.push(JSON.parse(String(data)).error?.code));
  for (let i = 0; i < 1000; i++) socket.send(ask("echo", "x"));
  await until(() => codes.length === 1000);
  expect(codes.filter((code) => code === undefined).length).toBeLessThan(110);
  expect(codes.filter((code) => code === -32999).length).toBeGreaterThan(890);
  await expectAlive();
  socket.terminate();
});

test("costly requests share the event loop with everything else", async () => {
  await serve({});
  const sockets = await Promise.all([open(), open()]);
  let answers = 0;
  for (const socket of sockets) {
    socket.on("message", (data) => {
      answers += [JSON.parse(String(data))].flat().length;
    });
  }
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  // Each keeps the processor for 2 ms; together they would keep it for over half a second.
  for (let i = 0; i < 200; i++) sockets[0]?.send(ask("burn"));
  sockets[1]?.send(JSON.stringify(Array(100).fill(JSON.parse(ask("burn")))));
  await until(() => answers === 300);
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(20);
  for (const socket of sockets) socket.terminate();
});

test("more connections than allowed are turned away, and let in when there is room", async () => {
  await serve({ maxConnections: 3 });
  const sockets = await Promise.all([open(), open(), open()]);
  await expect(open()).rejects.toThrow("429");
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST" });
  expect(answer.status).toBe(429);
  expect(await answer.json()).toMatchObject({ error: { code: -32009 } });
  for (const socket of sockets) socket.terminate();
  await Promise.all(sockets.map(closeCode));
  await expectAlive();
});

test("noise on the port hurts nobody", async () => {
  await serve({});
  for (const noise of [
    "\u0000\u0001\u0002",
    "GET",
    "GET / HTTP/9\r\n\r\n",
    "POST http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
  ]) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.end(noise);
    await new Promise((resolve) => socket.once("close", resolve));
  }
  await expectAlive();
});

test("clients that reset their connection at any point hurt nobody", async () => {
  await serve({ maxConnections: 5 });
  const upgrade = "GET / HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const post =
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
  const starts = [
    "",
    upgrade.replace("HOST", "evil.example") + key,
    upgrade.replace("HOST", "localhost") + key,
    upgrade.replace("HOST", "localhost"),
    post,
  ];
  for (let round = 0; round < 20; round++) {
    for (const start of starts) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise((resolve) => socket.write(start || "G", resolve));
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
  }
  await expect.poll(expectAlive).toBeUndefined();
});
