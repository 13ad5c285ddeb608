/** `trainer run` as an operator meets it before any node answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const main = join(import.meta.dirname, "../../node/main.ts");
const folder = mkdtempSync(join(tmpdir(), "matrixai-run-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("figures are served where the configuration says, and end with the agent", async () => {
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify({ metricsPort: 0 }));
  const url = ["--url", "ws://127.0.0.1:9"];
  const args = [main, "trainer", "run", ...url, "--folder", join(folder, "work"), "--config", config];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NO_COLOR: "1", MATRIXAI_SECRET: "//Alice" },
  });
  let said = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (part: Buffer) => {
      said += part.toString();
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(said) ?? [];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`it ended: ${said}`)));
  });
  expect(await (await fetch(address)).text()).toContain("matrixai_trainer_steps_total 0");
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
  await expect(fetch(address)).rejects.toThrow();
});
