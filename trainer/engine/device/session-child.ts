import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "../tensor.ts";
import { DeviceError } from "./errors.ts";
import { type ChildOptions, commandOf, environmentOf } from "./launch.ts";
import type { Reply, Request } from "./messages.ts";

export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const entry = join(import.meta.dirname, "session-process.ts");
const watchMs = 50;
const keptErrorBytes = 4096;

/**
 * The parent's hold on one session process: starts it when needed, sends one request at a time, and ends it when
 * a limit is passed, since a run cannot be interrupted in any other way.
 */
export class SessionChild {
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #folder: string | undefined;
  #stderr = "";
  /** Grows with every start, so that a caller knows when what it had loaded is gone. */
  generation = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Sends one request. Throws a DeviceError; after all but `Refused` and `Failed` the process is gone. */
  async request(message: Request, { timeoutMs, signal }: Limits): Promise<Readonly<Record<string, Tensor>>> {
    if (signal?.aborted) throw new DeviceError("Aborted", "stopped before the run");
    const child = this.#process ?? this.#start();
    let end: (error: DeviceError) => void = () => {};
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    const onAbort = () => end(new DeviceError("Aborted", "stopped during the run"));
    const onExit = (code: number | null, by: string | null) => end(this.#exitError(code, by));
    const clock = setTimeout(
      () => end(new DeviceError("TimedOut", `${what(message)} took over ${timeoutMs} ms`)),
      timeoutMs,
    );
    const watch = setInterval(() => {
      const bytes = residentBytes(child.pid);
      if (bytes > this.#options.memoryBytes) end(outOfMemory(message, this.#options.memoryBytes));
    }, watchMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    child.once("exit", onExit);
    const replied = new Promise<Reply>((resolve) => {
      child.once("message", (reply) => resolve(reply as Reply));
    });
    try {
      child.send(message, (error) => {
        if (error !== null) setTimeout(() => end(this.#exitError(null, null)), watchMs); // the exit says more
      });
      const reply = await Promise.race([replied, ended]);
      if (reply.ok) return reply.outputs;
      throw this.#runError(message, reply.message);
    } catch (error) {
      if (error instanceof DeviceError && (error.code === "Refused" || error.code === "Failed")) throw error;
      this.close();
      if (error instanceof DeviceError) throw error;
      throw new DeviceError("Failed", `${what(message)} could not be asked for: ${(error as Error).message}`);
    } finally {
      clearTimeout(clock);
      clearInterval(watch);
      signal?.removeEventListener("abort", onAbort);
      child.off("exit", onExit);
      child.removeAllListeners("message");
    }
  }

  /** Ends the process; the next request starts a new one. */
  close(): void {
    this.#process?.kill("SIGKILL");
    if (this.#process !== undefined) alive.delete(this.#process);
    this.#process = undefined;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #start(): ChildProcess {
    this.generation += 1;
    this.#stderr = "";
    this.#folder = mkdtempSync(join(tmpdir(), "matrixai-session-"));
    const { execPath, execArgv } = commandOf(this.#options);
    const child = fork(entry, [], {
      cwd: this.#folder,
      env: environmentOf(this.#options.kind),
      execPath,
      execArgv,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    child.stderr?.on("data", (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString("utf8")).slice(-keptErrorBytes);
    });
    child.on("error", (error) => {
      this.#stderr += error.message;
    });
    child.on("exit", () => {
      if (this.#process === child) this.close();
    });
    alive.add(child);
    // Between requests nothing of the child keeps the parent alive.
    child.unref();
    child.channel?.unref();
    (child.stderr as Socket | null)?.unref();
    this.#process = child;
    return child;
  }

  #exitError(code: number | null, by: string | null): DeviceError {
    const said = this.#stderr.trim().split("\n").at(-1) ?? "";
    if (/out of memory|allocation failed|bad_alloc/i.test(this.#stderr))
      return new DeviceError("OutOfMemory", `the session process ran out of memory: ${said}`);
    const how = by === null ? `ended with exit code ${code ?? "unknown"}` : `was ended by ${by}`;
    const hint = by === "SIGKILL" ? "; the machine may be short of memory" : said === "" ? "" : `: ${said}`;
    return new DeviceError("Killed", `the session process ${how}${hint}`);
  }

  #runError(message: Request, text: string): DeviceError {
    const line =
      text
        .replace(/^Error: /, "")
        .split("\n")[0]
        ?.slice(0, 600) ?? "";
    if (
      /failed to allocate memory|bad_?alloc|bad allocation|cannot allocate memory|allocation failed|out of memory/i.test(
        text,
      )
    )
      return new DeviceError(
        "OutOfMemory",
        `${what(message)} needs more memory than the limit allows: ${line}`,
      );
    return new DeviceError(message.type === "load" ? "Refused" : "Failed", line);
  }
}

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

const what = (message: Request) => (message.type === "load" ? "preparing the graph" : "the run");

const outOfMemory = (message: Request, limit: number) =>
  new DeviceError("OutOfMemory", `${what(message)} used more than ${Math.round(limit / 2 ** 20)} MiB`);

/** Resident memory of a process; 0 where the system does not tell. */
function residentBytes(pid: number | undefined): number {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
