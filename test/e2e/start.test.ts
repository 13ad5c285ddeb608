/** What a newcomer does first: `scripts/start`, its tour, Ctrl-C; and once more on the same chain. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Children } from "../../scripts/tour/children.ts";
import { command } from "../../scripts/tour/command.ts";
import { addressOfName } from "../../scripts/tour/people.ts";
import { addressOf } from "../../trainer/cli/chain/account.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import { orderOf, scoresOf } from "../../trainer/client/queries.ts";
import { freePorts, processesIn, RunningScript } from "./scripts/running-script.ts";

interface Document {
  readonly type: "step" | "news" | "summary";
  readonly title?: string;
  readonly state?: string;
}

interface Summary {
  readonly order: number;
  readonly checkpoints: number;
  readonly model: string;
  readonly accuracy: { readonly before: number; readonly after: number };
  readonly trainer: string;
  readonly training: string;
  readonly share: number;
  readonly labels: string;
  readonly right: number;
}

let folder: string;
let port: number;
let running: RunningScript | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-start-"));
  port = await freePorts();
});
afterEach(() => running?.stop());
afterAll(() => {
  for (const pid of processesIn(folder)) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): RunningScript {
  const ports = ["--rpc-port", String(port), "--port", "0", "--prometheus-port", "0"];
  running = new RunningScript("start", ["--json", "--base-path", folder, ...ports, ...args]);
  return running;
}

/** Its documents up to one that is enough. */
async function told(script: RunningScript, isEnough: (said: Document) => boolean): Promise<Document[]> {
  const lines = await script.until((line) => isEnough(JSON.parse(line)));
  return lines.map((line) => JSON.parse(line));
}

/** Ctrl-C ends everything, and says that all is well. */
async function endsClean(script: RunningScript): Promise<void> {
  expect(await script.stop()).toBe(0);
  expect(processesIn(folder)).toEqual([]);
}

test("a chain begins, its trainers drill and train, a buyer gets a model that is as good as it was told, and all of it ends", async () => {
  const script = start("--fresh", "--digits", "2000");
  const said = await told(script, ({ type }) => type === "summary");
  expect(said.filter(({ type, state }) => type === "step" && state === "done")).toHaveLength(9);
  const summary = said.at(-1) as unknown as Summary;
  expect(summary.checkpoints).toBeGreaterThanOrEqual(12);
  expect(summary.accuracy.after).toBeGreaterThan(0.9);
  expect(summary.accuracy.before).toBeLessThan(0.5);
  expect(summary.right).toBeGreaterThan(0.9);
  expect(readFileSync(summary.labels, "utf8").trim().split("\n")).toHaveLength(161);

  const url = `ws://127.0.0.1:${port}`;
  const chain = await ChainClient.connect(url);
  try {
    const details = await orderOf(chain, summary.order);
    expect(details?.info.ended).toMatchObject({ outcome: "Completed" });
    expect(addressOf(details!.info.ended!.trainer!)).toBe(addressOfName(summary.trainer));
    const scores = await scoresOf(chain);
    const own = scores.find(({ trainer }) => addressOf(trainer) === addressOfName(summary.trainer))!;
    expect(own.training.total.toString()).toBe(summary.training);
    expect(own.training.total).toBeGreaterThan(0n);
    // Who trains takes no units meanwhile; each unit was done by two.
    expect(scores.filter(({ drilling }) => drilling.total > 0n).length).toBeGreaterThanOrEqual(2);
    expect(summary.share).toBeGreaterThan(0.25);
  } finally {
    chain.close();
  }
  const children = new Children(join(folder, "logs"));
  const ferdie = { children, url, name: "Ferdie", folder: join(folder, "buyer") };
  const [images, labels] = ["images", "labels"].map((part) =>
    join(folder, `buyer/digits-2000/test-${part}.idx`),
  );
  const measured = await command<{ classes: { accuracy: number } }>(
    ferdie,
    ...["evaluate", summary.model, images!, "--targets", labels!, "--divide", "255"],
  );
  expect(measured.classes.accuracy).toBe(summary.accuracy.after);
  await endsClean(script);
}, 900_000);

test("the next start goes on with the chain, and buys another model until somebody has seen enough", async () => {
  const again = start("--digits", "2000");
  const said = await told(again, ({ title }) => title?.startsWith("A buyer orders") === true);
  expect(said.some(({ title, state }) => title === "A chain begins" && state === "done")).toBe(true);
  const chain = await ChainClient.connect(`ws://127.0.0.1:${port}`);
  expect((await orderOf(chain, 0))?.info.ended?.outcome).toBe("Completed");
  chain.close();
  await endsClean(again);
});

test("without a tour only the chain and its trainers run; a second program on the port is named, and all ends when nobody listens any more", async () => {
  const script = start("--no-tour");
  await told(script, ({ state }) => state === "done");
  const ports = ["--rpc-port", String(port), "--port", "0", "--prometheus-port", "0"];
  const second = new RunningScript("start", ["--no-tour", "--base-path", join(folder, "second"), ...ports]);
  await expect(second.until(() => false)).rejects.toThrow(/another program uses that port/);
  await endsClean(script);
  const unheard = start("--no-tour");
  await told(unheard, ({ state }) => state === "running");
  unheard.deafen();
  await expect.poll(() => processesIn(folder)).toEqual([]);
  await expect(new RunningScript("start", ["--digits", "many"]).until(() => false)).rejects.toThrow(
    "--digits takes a whole number",
  );
});
