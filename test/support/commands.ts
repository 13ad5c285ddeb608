/** Commands of the program, as a person or a script runs them. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { vi } from "vitest";
import { runProgram } from "../../node/cli/commands.ts";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** What it has said so far. */
  said(): string;
  /** Ends it without warning. */
  kill(): Promise<void>;
}

const program = join(import.meta.dirname, "../../scripts/matrixai");

const running = new Set<ChildProcess>();
// A test that fails half-way leaves nobody behind.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a command as a process of its own in a folder. */
export function start(folder: string, ...args: readonly string[]): Running {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (part) => {
    out += part;
  });
  child.stderr.on("data", (part) => {
    err += part;
  });
  running.add(child);
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => {
      running.delete(child);
      resolve({ code, out, err });
    }),
  );
  return {
    ended,
    said: () => out + err,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs a command in this process, where one start after another would take long. */
export async function run(...args: readonly string[]): Promise<Ended> {
  const [out, err] = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
  for (const spy of [out, err]) spy.mockReturnValue(true);
  const said = (spy: typeof out) => spy.mock.calls.map(([text]) => String(text)).join("");
  const exit = process.exitCode;
  try {
    const code = await runProgram(["node", "matrixai", ...args]);
    return { code, out: said(out), err: said(err) };
  } finally {
    process.exitCode = exit;
    for (const spy of [out, err]) spy.mockRestore();
  }
}

/** The same, and the document that it prints. */
export async function ask(...args: readonly string[]) {
  const ended = await run(...args, "--json");
  try {
    return { ...ended, json: JSON.parse(ended.out) };
  } catch {
    throw new Error(`${args.join(" ")} ended with ${ended.code}:\n${ended.out}${ended.err}`);
  }
}
