/** Processes of the tour, each with a log of its own; they end together. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../node/main.ts");

export interface Child {
  readonly name: string;
  readonly log: string;
  readonly process: ChildProcess;
  /** The end of what it wrote on standard error so far. */
  said(): string;
}

export interface Ended {
  readonly code: number | null;
  /** What it wrote on standard output. */
  readonly out: string;
  /** The end of what it wrote on standard error. */
  readonly err: string;
}

const keptChars = 4_000;

export class Children {
  readonly #logs: string;
  readonly #running: Child[] = [];

  /** Logs go into this folder. */
  constructor(logs: string) {
    this.#logs = logs;
    mkdirSync(logs, { recursive: true });
  }

  /** Starts `matrixai` with these arguments; what it says goes into the log of this name. */
  start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
    return this.#spawn(name, args, env, "ignore");
  }

  #spawn(name: string, args: readonly string[], env: NodeJS.ProcessEnv, stdout: "ignore" | "pipe"): Child {
    const log = join(this.#logs, `${name}.log`);
    // In a group of its own, so that Ctrl-C reaches it through us alone, in the right order.
    const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", stdout, "pipe"],
      detached: true,
    });
    let said = "";
    child.stderr!.pipe(createWriteStream(log, { flags: "a" }));
    child.stderr!.on("data", (part: Buffer) => {
      said = (said + part.toString()).slice(-keptChars);
    });
    const started = { name, log, process: child, said: () => said };
    this.#running.push(started);
    child.once("exit", () => this.#running.splice(this.#running.indexOf(started), 1));
    return started;
  }

  /** Runs a command to its end. */
  async run(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const { process: child, said } = this.#spawn(name, args, env, "pipe");
    let out = "";
    child.stdout!.on("data", (part: Buffer) => {
      out += part.toString();
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out, err: said() };
  }

  /** Ends all as Ctrl-C would; resolves when they have ended. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#running.map(async ({ process: child }) => {
        const ended = once(child, "exit");
        child.kill("SIGINT");
        await ended;
      }),
    );
  }

  /** Ends all at once. */
  kill(): void {
    for (const { process: child } of this.#running) child.kill("SIGKILL");
  }
}
