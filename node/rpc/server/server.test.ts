import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { silentLog } from "../../log/log.ts";
import { RpcError } from "./error.ts";
import { call, type Methods, type Sink, subscription, unsafeCall } from "./method.ts";
import { text, whole } from "./params.ts";
import { RpcServer, type RpcServerOptions, type ServerObserver } from "./server.ts";

const running: RpcServer[] = [];
const sinks = new Set<Sink>();
let syncing = false;

const methods: Methods = {
  echo: call({ word: text }, ({ word }) => word),
  later: call({ ms: whole(1000) }, ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, ms))),
  nothing: call({}, () => undefined),
  refuse: call({}, () => {
    throw new RpcError(1010, "Invalid Transaction", "Transaction is outdated");
  }),
  crash: call({}, () => {
    throw new TypeError("secret detail");
  }),
  large: call({ length: whole(1e8) }, ({ length }) => "x".repeat(length)),
  danger: unsafeCall({}, () => "done"),
  ...subscription(
    { subscribe: ["subscribe_ticks", "ticks"], unsubscribe: ["unsubscribe_ticks"], notification: "tick" },
    {},
    () => (sink) => {
      sinks.add(sink);
      sink.send(0);
      return () => void sinks.delete(sink);
    },
  ),
  ...subscription(
    { subscribe: ["subscribe_never"], unsubscribe: ["unsubscribe_never"], notification: "never" },
    {},
    () => Promise.reject(new RpcError(7, "no")),
  ),
  ...subscription(
    { subscribe: ["subscribe_broken"], unsubscribe: ["unsubscribe_broken"], notification: "broken" },
    {},
    () => () => {
      throw new Error("the disk is gone");
    },
  ),
};

async function serve(options: Partial<RpcServerOptions> = {}, observer?: ServerObserver): Promise<number> {
  const health = () => ({ peers: 0, isSyncing: syncing, shouldHavePeers: false });
  const server = new RpcServer({ port: 0, ...options }, { methods, log: silentLog, health, observer });
  running.push(server);
  return server.start();
}

afterEach(async () => {
  syncing = false;
  await Promise.all(running.splice(0).map((server) => server.stop()));
  expect(sinks.size).toBe(0);
});

/** A client that collects what it is told. */
async function open(port: number, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers });
  const inbox: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.on("message", (data) => {
    const message: unknown = JSON.parse(String(data));
    const next = waiting.shift();
    if (next === undefined) inbox.push(message);
    else next(message);
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const next = (): Promise<unknown> =>
    inbox.length > 0 ? Promise.resolve(inbox.shift()) : new Promise((resolve) => waiting.push(resolve));
  const ask = (method: string, params: unknown = [], id: unknown = 1): Promise<unknown> => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return next();
  };
  return { socket, next, ask, closed };
}

const post = (port: number, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    body: body as string,
    headers: { "content-type": "application/json", ...headers },
  });

test("answers carry the id, and null where there is no result", async () => {
  const { ask } = await open(await serve());
  expect(await ask("echo", ["hi"], 0)).toEqual({ jsonrpc: "2.0", id: 0, result: "hi" });
  expect(await ask("echo", { word: "hi" }, "a")).toEqual({ jsonrpc: "2.0", id: "a", result: "hi" });
  expect(await ask("nothing", [], null)).toEqual({ jsonrpc: "2.0", id: null, result: null });
});

test("each failure has its code, and none shows the inside", async () => {
  const { ask } = await open(await serve());
  expect(await ask("echo", [5])).toMatchObject({ error: { code: -32602, message: "Invalid params" } });
  for (const name of ["nope", "constructor", "__proto__", ""])
    expect(await ask(name)).toMatchObject({ error: { code: -32601, message: "Method not found" } });
  expect(await ask("refuse")).toEqual({
    jsonrpc: "2.0",
    id: 1,
    error: { code: 1010, message: "Invalid Transaction", data: "Transaction is outdated" },
  });
  expect(await ask("crash")).toEqual({
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32603, message: "Internal error" },
  });
});

test("slow calls do not hold up quick ones", async () => {
  const { ask, next } = await open(await serve());
  expect(await ask("later", [50], 1)).toMatchObject({ id: 1 });
  const first = ask("later", [200], 2);
  const second = ask("echo", ["x"], 3);
  expect(await first).toMatchObject({ id: 3 });
  expect(await second).toMatchObject({ id: 2 });
  void next;
});

test("a batch is answered in order, without its notifications", async () => {
  const { socket, next } = await open(await serve({ limits: { maxBatch: 4 } }));
  const request = (id: number | undefined, method: string) => ({ jsonrpc: "2.0", id, method, params: ["x"] });
  socket.send(JSON.stringify([request(1, "echo"), request(undefined, "echo"), 7, request(2, "nope")]));
  expect(await next()).toMatchObject([
    { id: 1, result: "x" },
    { id: null, error: { code: -32600 } },
    { id: 2, error: { code: -32601 } },
  ]);
  socket.send(JSON.stringify(Array(5).fill(request(1, "echo"))));
  expect(await next()).toMatchObject({ id: null, error: { code: -32010 } });
  socket.send(JSON.stringify([request(undefined, "echo")]));
  socket.send(JSON.stringify(request(9, "echo")));
  expect(await next()).toMatchObject({ id: 9 });
});

test("a subscription tells its id first, and ends once", async () => {
  const { ask, next } = await open(await serve());
  const { result: id } = (await ask("ticks")) as { result: string };
  expect(await next()).toEqual({ jsonrpc: "2.0", method: "tick", params: { subscription: id, result: 0 } });
  for (const sink of sinks) sink.send({ n: 1 });
  expect(await next()).toMatchObject({ params: { result: { n: 1 } } });
  expect(await ask("unsubscribe_never", [id])).toMatchObject({ result: false });
  expect(await ask("unsubscribe_ticks", [id])).toMatchObject({ result: true });
  expect(sinks.size).toBe(0);
  expect(await ask("unsubscribe_ticks", [id])).toMatchObject({ result: false });
});

test("subscriptions are limited, fail as calls, and end with the connection", async () => {
  const port = await serve({ limits: { maxSubscriptionsPerConnection: 2 } });
  const { ask, next, socket } = await open(port);
  for (let i = 0; i < 5; i++) expect(await ask("subscribe_never")).toMatchObject({ error: { code: 7 } });
  for (let i = 0; i < 2; i++) {
    expect(await ask("ticks")).toHaveProperty("result");
    await next();
  }
  expect(await ask("ticks")).toMatchObject({ error: { code: -32006 } });
  expect(sinks.size).toBe(2);
  const gone = [...sinks].map((sink) => new Promise<void>((resolve) => sink.client.onClose(resolve)));
  socket.terminate();
  await Promise.all(gone);
  expect(sinks.size).toBe(0);
});

test("a subscription that fails from inside ends, and nothing else does", async () => {
  const { ask } = await open(await serve({ limits: { maxSubscriptionsPerConnection: 1 } }));
  for (let i = 0; i < 3; i++) expect(await ask("subscribe_broken")).toHaveProperty("result");
  expect(await ask("echo", ["x"])).toMatchObject({ result: "x" });
});

test("an observer can count connections, subscriptions and calls", async () => {
  const seen: string[] = [];
  let subscriptions = 0;
  const observer: ServerObserver = {
    opened: () => void seen.push("opened"),
    closed: () => void seen.push("closed"),
    subscriptions: (change) => {
      subscriptions += change;
    },
    started() {},
    finished: (method, failed) => void seen.push(`${method} ${failed}`),
  };
  const port = await serve({}, observer);
  const { ask, next, socket } = await open(port);
  await ask("ticks");
  await next();
  expect(subscriptions).toBe(1);
  await ask("crash");
  await ask("later", [1]);
  socket.terminate();
  await expect.poll(() => seen).toEqual(["opened", "ticks false", "crash true", "later false", "closed"]);
  expect(subscriptions).toBe(0);
});

test("unsafe methods are for this machine, unless told otherwise", async () => {
  const denied = { error: { code: -32601, message: "RPC call is unsafe to be called externally" } };
  expect(await (await open(await serve())).ask("danger")).toMatchObject({ result: "done" });
  expect(await (await open(await serve({ unsafe: "safe" }))).ask("danger")).toMatchObject(denied);
  expect(await (await open(await serve({ host: "0.0.0.0" }))).ask("danger")).toMatchObject(denied);
  const told = await open(await serve({ host: "0.0.0.0", unsafe: "unsafe" }));
  expect(await told.ask("danger")).toMatchObject({ result: "done" });
});

test("rpc_methods lists exactly what is there", async () => {
  const { ask } = await open(await serve());
  const names = [...Object.keys(methods), "rpc_methods"].sort();
  expect(await ask("rpc_methods")).toMatchObject({ result: { methods: names } });
});

test("HTTP serves calls, not subscriptions", async () => {
  const port = await serve();
  const request = (method: string) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: ["x"] });
  const answer = await post(port, request("echo"));
  expect(answer.headers.get("content-type")).toContain("application/json");
  expect(await answer.json()).toEqual({ jsonrpc: "2.0", id: 1, result: "x" });
  expect(await (await post(port, request("ticks").replace('["x"]', "[]"))).json()).toMatchObject({
    error: { code: -32603 },
  });
  expect(await (await post(port, `[${request("echo")}]`)).json()).toMatchObject([{ result: "x" }]);
  expect(await (await post(port, Uint8Array.of(0xff))).json()).toMatchObject({ error: { code: -32700 } });
  expect((await post(port, '{"jsonrpc":"2.0","method":"echo"}')).status).toBe(200);
  expect((await post(port, request("echo"), { "content-type": "text/plain" })).status).toBe(415);
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(405);
});

test("monitors are told health and readiness", async () => {
  const port = await serve();
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect(await (await get("/health")).json()).toEqual({ peers: 0, isSyncing: false, shouldHavePeers: false });
  expect((await get("/readyz")).status).toBe(200);
  syncing = true;
  expect((await get("/readyz")).status).toBe(503);
  expect((await get("/health")).status).toBe(200);
});

test("pages of other origins get nothing", async () => {
  const port = await serve();
  const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "echo", params: ["x"] });
  expect((await post(port, request, { origin: "https://evil.example" })).status).toBe(403);
  await expect(open(port, { origin: "https://evil.example" })).rejects.toThrow("403");
  await expect(open(port, { host: "evil.example" })).rejects.toThrow("403");
  const good = await post(port, request, { origin: "http://localhost:3000" });
  expect(good.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
  const preflight = await fetch(`http://127.0.0.1:${port}`, {
    method: "OPTIONS",
    headers: { origin: "http://localhost:3000" },
  });
  expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
  expect(
    (await (await open(port, { origin: "https://polkadot.js.org" })).ask("nothing")) as object,
  ).toBeTruthy();
});

test("a taken port is named", async () => {
  const port = await serve();
  await expect(serve({ port })).rejects.toThrow(`127.0.0.1:${port}: another program uses that port`);
  running.pop();
});

test("stopping says goodbye and does not wait for those who do not answer", async () => {
  const port = await serve();
  const { closed } = await open(port);
  const silent = connect(port, "127.0.0.1");
  await new Promise((resolve) => silent.once("connect", resolve));
  await running.pop()?.stop();
  expect(await closed).toBe(1001);
  await expect(open(port)).rejects.toThrow("ECONNREFUSED");
});
