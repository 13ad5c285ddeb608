import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A node that runs beside the test as a user would start it. */
export interface NodeProcess {
  /** WebSocket address of its RPC. */
  readonly url: string;
  readonly pid: number;
  /** What it has said so far. */
  output(): string;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

const program = join(import.meta.dirname, "../../scripts/matrixai");

/** Starts `node --dev` on free ports; rejects with the node's own words when it ends before it is ready. */
export async function startNode(args: readonly string[] = []): Promise<NodeProcess> {
  // Chains of several tests are one chain by their genesis: their nodes must not find each other.
  const free = ["--rpc-port", "0", "--prometheus-port", "0", "--port", "0", "--no-mdns"];
  const child = spawn(program, ["node", "--dev", ...free, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      output += chunk.toString();
      const address = /ws:\/\/[\d.]+:\d+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", (code) => reject(new Error(`the node ended with ${code}:\n${output}`)));
  });
  return {
    url,
    pid: child.pid as number,
    output: () => output,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
    },
  };
}
