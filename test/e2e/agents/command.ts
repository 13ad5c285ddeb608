/** The program as its users run it, beside a test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { signerOf } from "../../../trainer/client/signer.ts";
import type { AgentsChain } from "./agents-chain.ts";
import { isWaiting } from "./extrinsics.ts";

const program = join(import.meta.dirname, "../../../scripts/matrixai");

/** Commands that still run: one that follows something would go on without a node. */
const running = new Set<ChildProcess>();

export interface Answer {
  readonly code: number | null;
  /** The last line that it printed. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has an answer of its own.
  readonly json: any;
}

/** Runs a command with the secret `//NAME`. */
export async function command(world: AgentsChain, name: string, ...args: readonly string[]): Promise<Answer> {
  const child = spawn(program, [...args, "--url", world.url, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NO_COLOR: "1",
      MATRIXAI_SECRET: `//${name}`,
      XDG_CACHE_HOME: join(world.folder, "cache"),
    },
  });
  running.add(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  await once(child, "close");
  running.delete(child);
  const line = out.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{") && !line.startsWith("[")) throw new Error(`${args.join(" ")} said ${out}${err}`);
  return { code: child.exitCode, json: JSON.parse(line) };
}

/** Runs one whose call must come before a window closes: no block is made before that is in the pool. */
export async function inTime(
  world: AgentsChain,
  name: string,
  call: string,
  ...args: readonly string[]
): Promise<Answer> {
  const { account } = await signerOf(`//${name}`);
  world.hold();
  let isOver = false;
  const answer = command(world, name, ...args).finally(() => {
    isOver = true;
  });
  try {
    while (!isOver && !(await isWaiting(world.chain, account, call))) await pause(50);
  } finally {
    world.goOn();
  }
  return answer;
}

/** Ends what still runs. */
export function endCommands(): void {
  for (const child of running) child.kill("SIGKILL");
}
