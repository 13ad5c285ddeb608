import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { Database } from "../db/database.ts";
import { StateDb } from "./state-db.ts";
import { auditStates } from "./testing/audit.ts";
import { crashChanges } from "./testing/crash-writer.ts";

/** Runs the writer until it has written some blocks and a random moment has passed, then kills it. */
async function runAndKill(path: string, delayMs: number): Promise<{ serial: number; root: string }> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, "testing/crash-writer.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  writer.stdout.on("data", (chunk: Buffer) => {
    if (output === "") setTimeout(() => writer.kill("SIGKILL"), delayMs);
    output += chunk.toString();
  });
  await new Promise((resolve) => writer.on("close", resolve));
  const whole = output.slice(0, output.lastIndexOf("\n")).split("\n");
  const [serial, root] = whole.at(-1)!.split(" ");
  return { serial: Number(serial), root: root! };
}

test("whenever the process is killed, what it reported is there, whole, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-"));
  const path = join(folder, "data");
  const model = new Map<string, Uint8Array>();
  let next = 0;
  for (let round = 0; round < 25; round++) {
    const { serial, root } = await runAndKill(path, (round * 37) % 90);
    const database = await Database.open(path);
    const states = await StateDb.open(database, { pruning: 2 });
    const lookup = states.view(states.best);
    if (lookup.type !== "ok") throw new Error(`the best state is ${lookup.type}`);
    const { state } = lookup;
    const bytes = state.get(Buffer.from("serial"))!;
    const reached = bytes[0]! + bytes[1]! * 256;
    // One more block may be written than could be reported.
    expect(reached === serial || reached === serial + 1).toBe(true);
    if (reached === serial) expect(Buffer.from(state.rootHash).toString("hex")).toBe(root);
    for (; next <= reached; next++) {
      for (const [key, value] of crashChanges(next)) value ? model.set(key, value) : model.delete(key);
    }
    expect([...state.entries()].map(([key, value]) => [keyText(key), value])).toEqual(
      [...model.keys()].sort().map((key) => [key, model.get(key)]),
    );
    expect(await auditStates(database, states.best)).toEqual([]);
    await database.close();
  }
  rmSync(folder, { recursive: true, force: true });
});
