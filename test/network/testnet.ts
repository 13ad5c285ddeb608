/** A network of real node processes on a chain with fast slots, as the tests of the whole need it. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ChainSpec } from "../../chain-spec/chain-spec.ts";
import { printChainSpec } from "../../chain-spec/spec-file.ts";
import { peerIdOfSecret } from "../../node/network/peer-id.ts";
import { genesisFields } from "../../runtime/genesis.ts";
import { canMakeNamespaces, type Hosts, loopbackHosts, namespaceHosts } from "./hosts.ts";

/** A block as `chain_getHeader` shows it. */
export interface HeaderJson {
  readonly parentHash: string;
  readonly number: string;
  readonly stateRoot: string;
  readonly digest: { readonly logs: readonly string[] };
}

const program = join(import.meta.dirname, "../../scripts/matrixai");
const nodePort = 30_500;

/** One node: a process on a host, which may end and come back with the same data. */
export class NetworkNode {
  readonly index: number;
  /** WebSocket address of its RPC, once it has started. */
  url = "";
  readonly #command: readonly string[];
  readonly #management: string;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(index: number, command: readonly string[], management: string) {
    this.index = index;
    this.#command = command;
    this.#management = management;
  }

  /** Everything it has printed, over all its runs. */
  get output(): string {
    return this.#output;
  }

  /** Starts it with further arguments; resolves when it can be asked. */
  async start(args: readonly string[] = []): Promise<void> {
    const [file, ...rest] = [...this.#command, ...args] as [string, ...string[]];
    const child = spawn(file, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    this.#child = child;
    const from = this.#output.length;
    await new Promise<void>((resolve, reject) => {
      const listen = (chunk: Buffer) => {
        this.#output += chunk.toString();
        const port = /rpc=\S*ws:\/\/[\d.]+:(\d+)/.exec(this.#output.slice(from))?.[1];
        if (port !== undefined) {
          this.url = `ws://${this.#management}:${port}`;
          resolve();
        }
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      child.once("exit", (code) =>
        reject(new Error(`node ${this.index} ended with ${code}:\n${this.#output.slice(from)}`)),
      );
    });
  }

  /** Ends it as an operator would, or, with `SIGKILL`, as a power failure. */
  async stop(signal: "SIGINT" | "SIGKILL" = "SIGINT"): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** @throws Error with the node's words when it refuses. */
  async call<T>(method: string, ...params: unknown[]): Promise<T> {
    const answer = await fetch(this.url.replace("ws", "http"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(20_000),
    });
    const { result, error } = (await answer.json()) as { result: T; error?: { message: string } };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async best(): Promise<number> {
    return Number((await this.call<HeaderJson>("chain_getHeader")).number);
  }

  async finalized(): Promise<number> {
    const hash = await this.call<string>("chain_getFinalizedHead");
    return Number((await this.call<HeaderJson>("chain_getHeader", hash)).number);
  }

  hashAt(number: number): Promise<string | null> {
    return this.call("chain_getBlockHash", number);
  }
}

export interface Testnet {
  readonly nodes: readonly NetworkNode[];
  readonly hosts: Hosts;
  /** Whether the network can be cut. */
  readonly canPartition: boolean;
  /** The multiaddress of a node, with its peer id. */
  addressOf(index: number): string;
  /** Runs a script on a host to its end; resolves with what it printed. */
  run(host: number, script: string, args: readonly string[]): Promise<string>;
  /** Ends all nodes and removes what they wrote. */
  close(): Promise<void>;
}

/** Hosts with a node on each that is not started yet; `--alice` and the like are given at its start. */
export async function createTestnet(spec: ChainSpec, count: number): Promise<Testnet> {
  const secrets = Array.from({ length: count }, (_, index) => nodeSecret(index));
  const peers = await Promise.all(secrets.map((secret) => peerIdOfSecret(Buffer.from(secret, "hex"))));
  const folder = mkdtempSync(join(tmpdir(), "matrixai-network-"));
  const specFile = join(folder, "spec.json");
  writeFileSync(specFile, printChainSpec(spec, genesisFields));
  const canPartition = canMakeNamespaces();
  const hosts = canPartition ? namespaceHosts(count) : loopbackHosts(count);
  const portOf = (index: number): number => (canPartition ? nodePort : nodePort + index);
  const multiaddr = (index: number): string => `/ip4/${hosts.all[index]!.address}/tcp/${portOf(index)}`;
  const addressOf = (index: number): string => `${multiaddr(index)}/p2p/${peers[index]}`;
  const nodes = hosts.all.map(({ prefix, management }, index) => {
    const others = [...hosts.all.keys()].filter((other) => other !== index);
    const command = [
      ...[...prefix, program, "node", "--chain", specFile, "--base-path", join(folder, String(index))],
      ...["--rpc-port", "0", "--rpc-external", "--rpc-methods", "unsafe", "--no-prometheus", "--no-mdns"],
      ...["--listen-addr", multiaddr(index), "--node-key", nodeSecret(index)],
      ...["--bootnodes", ...others.map(addressOf)],
    ];
    return new NetworkNode(index, command, management);
  });
  return {
    nodes,
    hosts,
    canPartition,
    addressOf,
    async run(host, script, args) {
      const [file, ...rest] = [...hosts.all[host]!.prefix, process.execPath, script, ...args] as [
        string,
        ...string[],
      ];
      const { stdout } = await promisify(execFile)(file, rest);
      return stdout;
    },
    async close() {
      await Promise.all(nodes.map((node) => node.stop("SIGKILL")));
      hosts.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const nodeSecret = (index: number): string => (index + 1).toString(16).padStart(64, "0");

/** Asks again and again until `isSo`; for what a network does in its own time. @throws Error after `patienceMs`. */
export async function until(what: string, isSo: () => Promise<boolean>, patienceMs = 600_000): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    if (await isSo().catch(() => false)) return;
    if (performance.now() > end) throw new Error(`not within ${patienceMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
