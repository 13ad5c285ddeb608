/** A trainer's daemon beside the test, as an operator would start it; it can be killed at any moment. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AgentsChain } from "./agents-chain.ts";

const program = join(import.meta.dirname, "../../../scripts/matrixai");

/** What an operator with a machine for hire writes; without one, of an inspector. */
const configOf = (storage: string, hasMachine: boolean, change: object) => ({
  machines: hasMachine
    ? [{ declared: 1, offer: { pricePerUt: 1_000, longest: 5_000, disk: 128 }, threads: 1 }]
    : [],
  packages: "file:packages",
  files: storage,
  claimFrom: 1e6,
  ...change,
});

export class AgentProcess {
  readonly name: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #output = "";
  /** Called with each line. */
  #listeners: ((line: string) => void)[] = [];

  /** `change` is what its configuration has besides. */
  constructor(world: AgentsChain, name: string, hasMachine: boolean, change: object = {}) {
    this.name = name;
    const folder = join(world.folder, name);
    mkdirSync(folder);
    const config = join(folder, "config.json");
    writeFileSync(config, JSON.stringify(configOf(world.storage, hasMachine, change)));
    this.#args = ["trainer", "run", "--url", world.url, "--config", config, "--folder", join(folder, "work")];
  }

  /** What it has said, in all its lives. */
  get output(): string {
    return this.#output;
  }

  /** Of the process that runs, or ran last. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it, unless it runs. */
  start(): void {
    if (this.#isRunning()) return;
    const child = spawn(program, this.#args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, NO_COLOR: "1", MATRIXAI_SECRET: `//${this.name}` },
    });
    let rest = "";
    child.stderr.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) {
        this.#output += `${line}\n`;
        if (process.env.MATRIXAI_TEST_SHOW) console.log(`${this.name}: ${line}`);
        for (const listener of this.#listeners) listener(line);
      }
    });
    this.#child = child;
  }

  /** Kills it without warning as soon as it says something, and starts it again. */
  async crashAt(pattern: RegExp): Promise<void> {
    await this.killAt(pattern);
    this.start();
  }

  /** Kills it without warning as soon as it says something. */
  async killAt(pattern: RegExp): Promise<void> {
    await this.says(pattern, () => this.#child?.kill("SIGKILL"));
    await this.kill();
  }

  /** Kills it without warning as soon as something is so, which is looked at all the time. */
  async killWhen(look: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await look())) await pause(2);
    await this.kill();
  }

  /** Kills it without warning; resolves when it has ended. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Lets no file that it writes grow beyond so many bytes, as on a disk that is full; without a number, takes that back. */
  limitFiles(bytes?: number): void {
    execFileSync("prlimit", ["--pid", `${this.#child?.pid}`, `--fsize=${bytes ?? "unlimited"}:`]);
  }

  /** Whether it has a process at work on a graph, which it has only while it trains, measures or inspects. */
  isComputing(): boolean {
    const pid = this.#child?.pid;
    const children = globSync(`/proc/${pid}/task/*/children`);
    return children.some((path) => readFileSync(path, "utf8") !== "");
  }

  /** Resolves when it says something from now on; `then` is called at that very moment. */
  says(pattern: RegExp, then: () => void = () => undefined): Promise<void> {
    return new Promise((resolve) => {
      const listener = (line: string) => {
        if (!pattern.test(line)) return;
        this.#listeners = this.#listeners.filter((each) => each !== listener);
        then();
        resolve();
      };
      this.#listeners.push(listener);
    });
  }

  /** Ends it as Ctrl-C would. */
  stop(): Promise<void> {
    return this.#end("SIGINT");
  }

  /** Has it take no more work, and end when nothing is left to do. */
  drain(): Promise<void> {
    return this.#end("SIGUSR2");
  }

  #isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#isRunning()) return;
    const ended = once(this.#child!, "exit");
    this.#child!.kill(signal);
    await ended;
  }
}
