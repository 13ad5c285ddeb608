/** `scripts/localnet`: nodes of a network on one machine, with and without their trainers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import { freePorts, processesIn, RunningScript } from "./scripts/running-script.ts";

let folder: string;
let running: RunningScript | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-localnet-"));
});
afterEach(() => running?.stop());
afterAll(() => {
  for (const pid of processesIn(folder)) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(...args: string[]): Promise<{ readonly script: RunningScript; readonly url: string }> {
  const first = await freePorts(12);
  const ports = ["--rpc-port", "--port", "--prometheus-port"].flatMap((name, i) => [
    name,
    String(first + 4 * i),
  ]);
  running = new RunningScript("localnet", [...args, "--base-path", join(folder, args.join("")), ...ports]);
  return { script: running, url: `ws://127.0.0.1:${first}` };
}

test("two nodes find each other and agree on what is final", async () => {
  const { script } = await start("2", "--fresh");
  // A row: name, best, final, peers, state.
  await script.until((line) => /^bob +\d+ +[1-9]\d* +1 +at the head/.test(line));
  expect(await script.stop()).toBe(0);
  expect(processesIn(folder)).toEqual([]);
});

test("four nodes run the daemons of their trainers, whose machines they prove", async () => {
  const { script, url } = await start("4", "--trainers", "--no-tour", "--json");
  await script.until((line) => line.includes("is measured"));
  const chain = await ChainClient.connect(url);
  expect(await chain.read(machines.CounterForMachines, [])).toBe(4);
  chain.close();
  expect(await script.stop()).toBe(0);
  expect(processesIn(folder)).toEqual([]);
});

test("how many nodes there can be is said", async () => {
  const { script } = await start("3", "--trainers");
  await expect(script.until(() => false)).rejects.toThrow("One number from 4 to 6");
});
