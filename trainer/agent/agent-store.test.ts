import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashFile } from "../storage/content-hash.ts";
import { openStore } from "../storage/store.ts";
import { openAgentStore } from "./agent-store.ts";
import type { MachineOptions } from "./options.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-agent-store-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const lines: string[] = [];
const log = { info: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
const machine: MachineOptions = { id: new Uint8Array(16), declared: 1n, offer: undefined, device: {} };

/** The storage of a trainer whose packages lie in its IPFS node. */
const trainers = (listen: readonly string[], inner: boolean, machines = [machine]) =>
  openAgentStore({
    store: { web: { inner }, ipfs: { listen, inner } },
    folder: join(folder, "agent"),
    packages: "ipfs:",
    machines,
    log,
  });

test("what a trainer stored is there for others from its next start on, whether it stores or not", async () => {
  const path = join(folder, "package");
  writeFileSync(path, "a package");
  const before = await trainers(["/ip4/127.0.0.1/tcp/0"], true);
  const [address] = await before.ipfsAddresses();
  const listen = address!.replace(/\/p2p\/.*/, "");
  const uri = await before.put(path, "ipfs:");
  await before.close();

  const after = await trainers([listen], true);
  expect(lines).toContain("serves what it stores");
  const other = openStore({ ipfs: { folder: join(folder, "other"), inner: true } });
  const to = join(folder, "copy");
  await other.get({ uri, to, hash: await hashFile(path), maxBytes: 100, retries: 0 });
  expect(readFileSync(to, "utf8")).toBe("a package");
  await Promise.all([other.close(), after.close()]);
});

test("a trainer whose packages nobody could fetch does not begin; an inspector needs no address", async () => {
  await expect(trainers(["/ip4/127.0.0.1/tcp/0"], false)).rejects.toThrow("has no public address");
  await (await trainers([], false, [])).close();
});
