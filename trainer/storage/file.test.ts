import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hashFile } from "./content-hash.ts";
import { openStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-file-"));
const root = join(folder, "root");
mkdirSync(root);
writeFileSync(join(folder, "outside"), "secret");
writeFileSync(join(root, "a b"), "hello");
symlinkSync(join(folder, "outside"), join(root, "link"));
const store = openStore({ files: { root } });
const to = join(root, "copy");
const get = async (uri: string) => {
  rmSync(to, { force: true });
  await store.get({ uri, to, hash: undefined, maxBytes: 1000 });
  return readFileSync(to, "utf8");
};

afterAll(() => rmSync(folder, { recursive: true }));

test("relative, encoded and absolute addresses under the root", async () => {
  expect(await get("file:a%20b")).toBe("hello");
  expect(await get("file:./x/../a b")).toBe("hello");
  expect(await get(`file://${root}/a%20b`)).toBe("hello");
  expect(await hashFile(to)).toBe("0x324dcf027dd4a30a932c441f365a25e86b173defa4b8e58948253471b81b72cf");
});

test("nothing outside the root is read, whether by dots, by an absolute path or by a link", async () => {
  for (const uri of ["file:../outside", `file://${folder}/outside`, "file:link", "file:///etc/passwd"])
    await expect(get(uri)).rejects.toMatchObject({ code: "Forbidden" });
  await expect(store.put(join(root, "a b"), "file:../new/x")).rejects.toMatchObject({ code: "Forbidden" });
  symlinkSync(folder, join(root, "up"));
  await expect(store.put(join(root, "a b"), "file:up/x")).rejects.toMatchObject({ code: "Forbidden" });
  expect(readdirSync(folder).sort()).toEqual(["outside", "root"]);
  await expect(get("file:none")).rejects.toMatchObject({ code: "NotFound" });
  await expect(get("file:")).rejects.toMatchObject({ code: "BadAddress" });
  await expect(get("file:.")).rejects.toMatchObject({ code: "BadAddress" });
});

test("what is here already is not fetched again, and counts as used now", async () => {
  const hash = "0x324dcf027dd4a30a932c441f365a25e86b173defa4b8e58948253471b81b72cf";
  writeFileSync(to, "hello");
  const written = new Date(1e12);
  utimesSync(to, written, written);
  await store.get({ uri: "file:none", to, hash, maxBytes: 1000 });
  expect(statSync(to).mtime).toEqual(written);
  expect(statSync(to).atimeMs).toBeGreaterThan(written.getTime());
});

test("a file is put whole or not at all", async () => {
  expect(await store.put(join(root, "a b"), "file:deep/er/c")).toBe("file:deep/er/c");
  expect(await get("file:deep/er/c")).toBe("hello");
  const stop = AbortSignal.abort(new Error("stopped"));
  await expect(store.put(join(root, "a b"), "file:deep/er/d", { signal: stop })).rejects.toThrow();
  expect(readdirSync(join(root, "deep/er"))).toEqual(["c"]);
});

test("a full disk is named, and the target does not appear", async () => {
  const full = join(folder, "full");
  symlinkSync("/dev/full", `${full}.unverified.partial`); // Linux's device on which every write finds no space
  const job = { uri: "file:a b", to: full, hash: undefined, maxBytes: 1000 };
  await expect(store.get(job)).rejects.toMatchObject({ code: "DiskFull" });
  expect(readdirSync(folder)).not.toContain("full");
});
