import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openStore } from "./store.ts";
import { webServer } from "./testing/web-server.ts";

const cid = "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"; // "hello world\n"
const folder = mkdtempSync(join(tmpdir(), "matrixai-kubo-"));
const to = join(folder, "copy");
afterAll(() => rmSync(folder, { recursive: true }));

/** Kubo's RPC API as its reference describes it: POST alone, `files/stat`, `cat` with an offset, `add`. */
async function kubo(content: Buffer) {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://x");
    calls.push(url.pathname + url.search);
    if (request.method !== "POST") return void response.writeHead(405).end();
    const json = (value: unknown) => void response.end(`${JSON.stringify(value)}\n`);
    if (url.pathname === "/api/v0/files/stat") {
      if (url.searchParams.get("arg") !== `/ipfs/${cid}`)
        return void response.writeHead(500).end("not found");
      return json({
        Hash: cid,
        Size: content.length,
        CumulativeSize: content.length,
        Blocks: 0,
        Type: "file",
      });
    }
    if (url.pathname === "/api/v0/cat")
      return void response.end(content.subarray(Number(url.searchParams.get("offset"))));
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    return void request.on("end", () =>
      json({ Name: "file", Hash: body.includes("hello world\n") ? cid : "none", Size: "20" }),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const rpc = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { rpc, calls, close: () => server.close() };
}

test("Kubo's RPC: a file is added and read, also from the middle", async () => {
  const node = await kubo(Buffer.from("hello world\n"));
  const store = openStore({ ipfs: { rpc: node.rpc } });
  writeFileSync(join(folder, "hello"), "hello world\n");
  const uri = await store.put(join(folder, "hello"), "ipfs:");
  expect(uri).toBe(`ipfs://${cid}`);
  writeFileSync(`${to}.unverified.partial`, "hello ");
  await store.get({ uri, to, hash: undefined, maxBytes: 100 });
  expect(readFileSync(to, "utf8")).toBe("hello world\n");
  expect(node.calls.at(-1)).toBe(`/api/v0/cat?arg=${cid}&offset=6`);
  const other = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
  const lost = store.get({ uri: other, to, hash: undefined, maxBytes: 100, retries: 0 });
  await expect(lost).rejects.toThrow("not found");
  node.close();
});

test("a gateway reads and does not write", async () => {
  const server = await webServer({ [`/ipfs/${cid}`]: Buffer.from("hello world\n") });
  const store = openStore({ web: { inner: true }, ipfs: { gateway: server.url } });
  await store.get({ uri: `ipfs://${cid}`, to: `${to}2`, hash: undefined, maxBytes: 100 });
  expect(readFileSync(`${to}2`, "utf8")).toBe("hello world\n");
  await expect(store.put(to, "ipfs:")).rejects.toMatchObject({ code: "BadAddress" });
  await server.close();
});
