import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { contentHasher } from "./content-hash.ts";
import type { Download } from "./download.ts";
import { openStore } from "./store.ts";
import { type WebServer, webServer } from "./testing/web-server.ts";

const object = Buffer.from(Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
const hash = hashOf(object);
const folder = mkdtempSync(join(tmpdir(), "matrixai-web-"));
const to = join(folder, "object");
const store = openStore({ web: { inner: true, idleMs: 300 } });
let server: WebServer;

function hashOf(bytes: Uint8Array): string {
  const hasher = contentHasher();
  hasher.update(bytes);
  return hasher.digest();
}
const get = (change: Partial<Download> = {}) =>
  store.get({ uri: `${server.url}/object`, to, hash, maxBytes: 2e6, pauseMs: 1, ...change });
const cutAfter =
  (bytes: number): WebServer["faults"][number] =>
  (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const headers = {
      "content-length": object.length - from,
      "content-range": `bytes ${from}-999999/1000000`,
    };
    response.writeHead(from === 0 ? 200 : 206, headers);
    response.write(object.subarray(from, from + bytes), () => response.destroy());
  };

beforeAll(async () => {
  server = await webServer({ "/object": object });
});
afterEach(() => {
  server.seen.length = 0;
  server.faults.length = 0;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
afterAll(async () => {
  await server.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

test("an object arrives whole, with progress, and is not fetched twice", async () => {
  const progress: number[] = [];
  await get({ onProgress: (done, size) => progress.push(done / (size ?? 0)) });
  expect(readFileSync(to).equals(object)).toBe(true);
  expect(progress[0]).toBe(0);
  expect(progress.at(-1)).toBe(1);
  await get();
  expect(server.seen).toEqual(["GET"]);
  expect(readdirSync(folder)).toEqual(["object"]);
});

test("a broken connection is taken up where it broke, by range", async () => {
  server.faults.push(cutAfter(300_000), cutAfter(300_000), (_, response) => response.writeHead(503).end());
  await get();
  expect(readFileSync(to).equals(object)).toBe(true);
  const starts = server.seen.map((line) => Number(/\d+/.exec(line)?.[0] ?? 0));
  expect(starts).toHaveLength(4);
  expect(starts[1]).toBeGreaterThan(0); // what a cut connection delivers of 300,000 bytes is up to the kernel
  expect(starts[2]).toBeGreaterThan(starts[1] as number);
  expect(starts[3]).toBe(starts[2]);
});

test("a later process goes on from what an earlier one left, and throws away what is wrong", async () => {
  const partial = join(folder, `object.${hash.slice(2, 18)}.partial`);
  writeFileSync(partial, object.subarray(0, 777_777));
  await get();
  expect(server.seen).toEqual(["GET bytes=777777-"]);
  rmSync(to);
  writeFileSync(partial, Buffer.alloc(1000, 1));
  await get();
  expect(readFileSync(to).equals(object)).toBe(true);
  rmSync(to);
  writeFileSync(partial, Buffer.alloc(1_500_000));
  await get();
  expect(readFileSync(to).equals(object)).toBe(true);
  rmSync(to);
  writeFileSync(partial, object);
  await get();
  expect(server.seen.at(-1)).toBe("GET bytes=1000000-");
});

test("a silent server is given up, then asked again", async () => {
  server.faults.push(
    (_, response) => void response.writeHead(200, { "content-length": 1_000_000 }).write("x"),
  );
  await get();
  expect(readFileSync(to).equals(object)).toBe(true);
});

test("a server that drips is given up like one that fails, however long it could go on", async () => {
  const drip = ((_, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    const timer = setInterval(() => response.write("x"), 5);
    response.once("close", () => clearInterval(timer));
  }) as WebServer["faults"][number];
  server.faults.push(drip, drip, drip);
  const given = get({ retries: 2, pace: { bytes: 100_000, ms: 100 } });
  await expect(given).rejects.toMatchObject({
    code: "Interrupted",
    message: expect.stringMatching(/comes too slowly: \d+ bytes in 0 s, at least 100000 are expected/),
  });
  expect(server.seen).toHaveLength(3);
  await get(); // and what it gave is no obstacle to the right thing
  expect(readFileSync(to).equals(object)).toBe(true);
});

test("another object under the address is refused and leaves nothing behind", async () => {
  await expect(get({ hash: hashOf(Buffer.from("other")) })).rejects.toMatchObject({ code: "HashMismatch" });
  expect(readdirSync(folder)).toEqual([]);
});

test("an object that is or becomes too large is refused early and leaves nothing behind", async () => {
  await expect(get({ maxBytes: 999_999 })).rejects.toMatchObject({ code: "TooLarge" });
  server.faults.push((_, response) => void response.end(object)); // chunked: it does not tell its size
  await expect(get({ maxBytes: 999_999 })).rejects.toMatchObject({ code: "TooLarge" });
  expect(readdirSync(folder)).toEqual([]);
});

test("what fails for good is not asked again; what keeps failing ends", async () => {
  await expect(get({ uri: `${server.url}/none` })).rejects.toMatchObject({ code: "NotFound" });
  server.faults.push((_, response) => response.writeHead(403).end());
  await expect(get()).rejects.toMatchObject({ code: "Forbidden" });
  expect(server.seen).toHaveLength(2);
  server.faults.push(...Array.from({ length: 3 }, () => (_: unknown, r: { destroy(): void }) => r.destroy()));
  await expect(get({ retries: 2 })).rejects.toMatchObject({ code: "Interrupted" });
  expect(server.seen).toHaveLength(5);
});

test("an abort stops at once with the signal's reason, and the part stays for the next time", async () => {
  const controller = new AbortController();
  server.faults.push((_, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write(object.subarray(0, 500_000));
  });
  const stop = (done: number) => done >= 400_000 && controller.abort(new Error("the user stopped it"));
  await expect(get({ signal: controller.signal, onProgress: stop })).rejects.toThrow("the user stopped it");
  await get();
  expect(server.seen[1]).toMatch(/^GET bytes=\d{6}-$/);
});

test("redirects are followed within bounds", async () => {
  const away =
    (location: string): WebServer["faults"][number] =>
    (_, response) =>
      void response.writeHead(302, { location }).end();
  server.faults.push(away("/there"), away(`${server.url}/object`));
  await get();
  expect(readFileSync(to).equals(object)).toBe(true);
  server.faults.push(...Array.from({ length: 6 }, () => away("/object")));
  await expect(get({ to: `${to}2` })).rejects.toMatchObject({ code: "BadAddress" });
});

test("strangers' addresses reach neither this machine nor the network behind it, and need encryption", async () => {
  const open = openStore();
  const refuses = (uri: string) => open.get({ uri, to, hash, maxBytes: 1, retries: 0 });
  for (const host of [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "[::1]",
    "[::ffff:192.168.0.1]",
    "0.0.0.0",
    "localhost",
  ])
    await expect(refuses(`https://${host}/x`)).rejects.toMatchObject({ code: "Forbidden" });
  await expect(refuses("http://example.com/x")).rejects.toThrow("is not encrypted");
  await expect(refuses("ftp://example.com/x")).rejects.toMatchObject({ code: "BadAddress" });
  await expect(refuses("file:///etc/passwd")).rejects.toMatchObject({ code: "Forbidden" });
});

test("a file is put, and the address that comes back does not hold the signature", async () => {
  writeFileSync(join(folder, "source"), object);
  const sent: number[] = [];
  const uri = await store.put(join(folder, "source"), `${server.url}/new?signature=secret`, {
    onProgress: (done) => sent.push(done),
  });
  expect(uri).toBe(`${server.url}/new`);
  expect(sent.at(-1)).toBe(1_000_000);
  expect(server.stored.get("/new")?.equals(object)).toBe(true);
  await expect(store.put(join(folder, "none"), `${server.url}/new`)).rejects.toMatchObject({
    code: "NotFound",
  });
});
