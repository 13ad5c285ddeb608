import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "@20minutes/s3rver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashFile } from "./content-hash.ts";
import { openStore, type Store } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-s3-"));
const source = join(folder, "source");
const to = join(folder, "copy");
const object = Buffer.from(Uint8Array.from({ length: 6_000_000 }, (_, i) => (i * 17 + (i >> 9)) & 255));
writeFileSync(source, object);
let server: S3rver;
let store: Store;
let hash: string;

beforeAll(async () => {
  server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: join(folder, "server"),
    configureBuckets: [{ name: "jobs", configs: [] }],
  });
  const { port } = await server.run();
  store = openStore({
    s3: {
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    },
    web: { inner: true },
  });
  hash = await hashFile(source);
});
afterAll(async () => {
  await store.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

test("a file of several parts goes up and comes down, also from the middle", async () => {
  const sent: number[] = [];
  const uri = await store.put(source, "s3://jobs/order 7/model", { onProgress: (done) => sent.push(done) });
  expect(sent.at(-1)).toBe(6_000_000);
  await store.get({ uri, to, hash, maxBytes: 1e7 });
  expect(readFileSync(to).equals(object)).toBe(true);
  rmSync(to);
  writeFileSync(`${to}.${hash.slice(2, 18)}.partial`, object.subarray(0, 5_000_000));
  const progress: number[] = [];
  await store.get({ uri, to, hash, maxBytes: 1e7, onProgress: (done) => progress.push(done) });
  expect(progress[0]).toBe(5_000_000);
  expect(readFileSync(to).equals(object)).toBe(true);
});

test("presigned addresses read and write without credentials", async () => {
  const anybody = openStore({ web: { inner: true } });
  await anybody.put(source, await store.presign("s3://jobs/presigned", "write", 60));
  await anybody.get({
    uri: await store.presign("s3://jobs/presigned", "read", 60),
    to: `${to}2`,
    hash,
    maxBytes: 1e7,
  });
  expect(readFileSync(`${to}2`).equals(object)).toBe(true);
});

test("what is wrong is named", async () => {
  const get = (uri: string, s = store) => s.get({ uri, to: `${to}3`, hash, maxBytes: 1e7, retries: 0 });
  await expect(get("s3://jobs/none")).rejects.toMatchObject({ code: "NotFound" });
  await expect(get("s3://nobucket/none")).rejects.toMatchObject({ code: "NotFound" });
  await expect(store.put(join(folder, "none"), "s3://jobs/x")).rejects.toMatchObject({ code: "NotFound" });
  const stopped = store.put(source, "s3://jobs/x", { signal: AbortSignal.abort(new Error("stopped")) });
  await expect(stopped).rejects.toThrow("stopped");
  await expect(get("s3://UPPER/none")).rejects.toMatchObject({ code: "BadAddress" });
  await expect(store.presign("https://x/y", "read", 1)).rejects.toMatchObject({ code: "BadAddress" });
  for (const key of ["%zz", "%ff"])
    await expect(get(`s3://jobs/${key}`)).rejects.toMatchObject({ code: "BadAddress" });
  const narrow = openStore({ s3: { buckets: ["jobs"] } });
  await expect(get("s3://private/x", narrow)).rejects.toMatchObject({ code: "Forbidden" });
  const gone = openStore({
    s3: { endpoint: "http://127.0.0.1:1", credentials: { accessKeyId: "a", secretAccessKey: "b" } },
  });
  await expect(get("s3://jobs/x", gone)).rejects.toMatchObject({ code: "Interrupted" });
});
