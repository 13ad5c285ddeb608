import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";

const main = join(import.meta.dirname, "../../node/main.ts");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signals-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A development node on the test's folder, once it says that it is ready. */
async function startNode() {
  const ports = ["--rpc-port", "0", "--prometheus-port", "0", "--port", "0"];
  const args = [main, "node", "--dev", "--base-path", folder, ...ports];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, "close");
  while (!said.includes("ready")) {
    if (child.exitCode !== null) throw new Error(`the node ended: ${said}`);
    await sleep(20);
  }
  return { child, ended, said: () => said };
}

test("the first signal stops a node cleanly, and the next start finds its blocks", async () => {
  const node = await startNode();
  while (!node.said().includes("imported")) await sleep(20);
  node.child.kill("SIGINT");
  expect(await node.ended).toEqual([0, null]);
  expect(node.said()).toMatch(/stopping.*\n.*stopped/);
  expect(node.said()).not.toContain("ERROR");
  const again = await startNode();
  expect(again.said()).toMatch(/ready .*best=[1-9]/);
  again.child.kill("SIGTERM");
  expect(await again.ended).toEqual([0, null]);
});

test("a second signal ends it at once, and the next start goes on all the same", async () => {
  const node = await startNode();
  // A request that never ends keeps the clean stop waiting.
  const port = Number(/rpc=ws:\/\/[\d.]+:(\d+)/.exec(node.said())?.[1]);
  const request = connect(port, "127.0.0.1");
  request.on("error", () => request.destroy());
  await once(request, "connect");
  request.write(
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
  );
  await sleep(100);
  node.child.kill("SIGINT");
  while (!node.said().includes("stopping")) await sleep(5);
  node.child.kill("SIGTERM");
  expect(await node.ended).toEqual([130, null]);
  const again = await startNode();
  again.child.kill("SIGINT");
  expect(await again.ended).toEqual([0, null]);
});
