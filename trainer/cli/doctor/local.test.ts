import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Keystore } from "../../../node/keystore/keystore.ts";
import { checkLine } from "./check.ts";
import { diskCheck, keyFiles, portChecks } from "./local.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keystore = (chain: string): string => join(folder, "chains", chain, "keystore");

test("session keys are told by chain and type", async () => {
  const keys = new Keystore({ folder: keystore("dev") });
  keys.add("poh_", "//Alice");
  keys.add("gran", "//Alice");
  const found = await keyFiles(folder);
  expect(found.keys.map(({ chain, type }) => `${chain} ${type}`).sort()).toEqual(["dev gran", "dev poh_"]);
  expect(found.checks.map(({ state }) => state)).toEqual(["good"]);
});

test("a plain key that others can read is bad, an encrypted one is not", async () => {
  new Keystore({ folder: keystore("open") }).add("poh_", "//Alice");
  new Keystore({ folder: keystore("shut"), password: "correct horse" }).add("poh_", "//Bob");
  const { keys } = await keyFiles(folder);
  for (const { chain, publicKey } of keys) chmodSync(join(keystore(chain), `poh_-${publicKey}.json`), 0o644);
  const bad = (await keyFiles(folder)).checks.filter(({ state }) => state === "bad");
  expect(bad.map(({ says }) => says)).toEqual([expect.stringMatching(/open.*not encrypted.*by others/)]);
});

test("a damaged key file is bad, and no keys at all need attention", async () => {
  expect((await keyFiles(folder)).checks).toMatchObject([{ name: "keys", state: "attention" }]);
  mkdirSync(keystore("dev"), { recursive: true });
  writeFileSync(join(keystore("dev"), `poh_-0x${"1".repeat(64)}.json`), "{");
  expect((await keyFiles(folder)).checks[0]).toMatchObject({ name: "keys", state: "bad" });
});

test("a port in use needs attention where no node answers", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    const [taken] = await portChecks({ "rpc-port": port }, false);
    expect(taken).toMatchObject({ state: "attention", advice: "choose another with --rpc-port" });
    expect((await portChecks({ "rpc-port": port }, true))[0]?.state).toBe("good");
  } finally {
    server.close();
  }
  expect((await portChecks({ "rpc-port": port }, false))[0]).toMatchObject({ state: "good", says: "free" });
});

test("the disk is that of the nearest folder that is there", async () => {
  const check = await diskCheck(join(folder, "not", "yet"));
  expect(check.says).toMatch(/free$/);
  expect(checkLine(check)).toContain(join(folder, "not", "yet"));
});
