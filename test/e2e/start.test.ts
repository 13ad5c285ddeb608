/** What a newcomer does first: `scripts/start`, its tour, Ctrl-C; and once more on the same chain. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Children } from "../../scripts/tour/children.ts";
import { command } from "../../scripts/tour/command.ts";
import { addressOfName } from "../../scripts/tour/people.ts";
import { addressOf } from "../../trainer/cli/chain/account.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import { orderOf, scoresOf } from "../../trainer/client/queries.ts";

const script = join(import.meta.dirname, "../../scripts/start");

interface Document {
  readonly type: "step" | "news" | "summary";
  readonly title?: string;
  readonly state?: string;
  readonly detail?: string;
  readonly line?: string;
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
let running: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-start-"));
  port = await freePort();
});
afterEach(async () => {
  if (running?.exitCode === null && running.signalCode === null) await stop();
});
afterAll(() => {
  for (const pid of leftOver()) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A port that nobody had a moment ago: others are told of it before the node listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: found } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return found;
}

/** Processes whose command line names the test's folder. */
const leftOver = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== running?.pid)
    .filter((pid) => commandLine(pid).includes(folder))
    .map(Number);

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Runs the script until `isEnough`, and returns what it said so far. @throws Error when it ends before. */
async function runUntil(args: readonly string[], isEnough: (said: Document) => boolean): Promise<Document[]> {
  const ports = ["--rpc-port", String(port), "--port", "0", "--prometheus-port", "0"];
  const child = spawn(script, ["--json", "--base-path", folder, ...ports, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  running = child;
  let err = "";
  child.stderr.on("data", (part: Buffer) => {
    err += part.toString();
  });
  const said: Document[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const document = JSON.parse(line) as Document;
    said.push(document);
    if (process.env.MATRIXAI_TEST_SHOW) console.log(line);
    if (isEnough(document)) return said;
  }
  throw new Error(`the tour ended early:\n${said.map((each) => JSON.stringify(each)).join("\n")}\n${err}`);
}

/** Ctrl-C; returns the exit code. */
async function stop(): Promise<number | null> {
  const child = running as ChildProcess;
  child.stdout?.resume();
  const ended = once(child, "exit");
  child.kill("SIGINT");
  const [code] = (await ended) as [number | null];
  return code;
}

test("a chain begins, its trainers drill and train, a buyer gets a model that is as good as it was told, and all of it ends", async () => {
  const said = await runUntil(["--fresh", "--digits", "2000"], ({ type }) => type === "summary");
  const steps = said.filter(({ type, state }) => type === "step" && state === "done");
  expect(steps).toHaveLength(9);
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

  expect(await stop()).toBe(0);
  expect(leftOver()).toEqual([]);
}, 900_000);

test("the next start goes on with the chain; what cannot be understood is said", async () => {
  const said = await runUntil(["--no-tour"], ({ state }) => state === "done");
  expect(said.at(-1)).toMatchObject({ title: "A chain begins" });
  expect(await stop()).toBe(0);
  expect(leftOver()).toEqual([]);
  const wrong = spawn(script, ["--digits", "many"], { stdio: ["ignore", "ignore", "pipe"] });
  const [part] = (await once(wrong.stderr, "data")) as [Buffer];
  expect(part.toString()).toMatch(/^error: --digits takes a whole number/);
});
