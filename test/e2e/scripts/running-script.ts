/** A script of `scripts/` as its user runs it: what it says, Ctrl-C, and whether it leaves anything behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const scripts = join(import.meta.dirname, "../../../scripts");

/** A script that writes under a folder of the test's own. */
export class RunningScript {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #said: string[] = [];
  #err = "";

  constructor(name: string, args: readonly string[]) {
    this.#child = spawn(join(scripts, name), args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stderr!.on("data", (part: Buffer) => {
      this.#err += part.toString();
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** What it said up to the first line that is enough. @throws Error when it ends before. */
  async until(isEnough: (line: string) => boolean): Promise<readonly string[]> {
    for (;;) {
      const { value: line, done } = await this.#lines.next();
      if (done) throw new Error(`it ended early:\n${this.#said.join("\n")}\n${this.#err}`);
      this.#said.push(line);
      if (process.env.MATRIXAI_TEST_SHOW) console.log(line);
      if (isEnough(line)) return this.#said;
    }
  }

  /** Reads no more of what it says, as a program does that has ended. */
  deafen(): void {
    this.#child.stdout?.destroy();
  }

  /** Ctrl-C, unless it has ended; returns the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, "exit");
    child.kill("SIGINT");
    const [code] = (await ended) as [number | null];
    return code;
  }
}

/** Processes whose command line names a folder. */
export const processesIn = (folder: string): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(folder))
    .map(Number);

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** The first of so many ports in a row that nobody had a moment ago: programs are told of it before they listen. */
export async function freePorts(count = 1): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    const listening = once(server, "listening");
    server.listen(port, "127.0.0.1");
    await listening;
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}
