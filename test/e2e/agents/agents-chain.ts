/** A chain with several trainers from the start, on one node whose blocks are made one after another, as fast as they are asked for. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { localSpec } from "../../../chain-spec/presets.ts";
import { printChainSpec } from "../../../chain-spec/spec-file.ts";
import { genesisFields } from "../../../runtime/genesis.ts";
import { ChainClient } from "../../../trainer/client/chain-client.ts";
import { type NodeProcess, startNode } from "../node-process.ts";

/** Between two blocks; windows below are so long that work of some seconds fits. */
const blockMs = 150;

/** Blocks of an epoch. */
const epochLength = 60;

export class AgentsChain {
  readonly epochLength = epochLength;
  readonly chain: ChainClient;
  /** For everything that a test writes. */
  readonly folder: string;
  /** Folder under which `file:` addresses lie. */
  readonly storage: string;
  readonly #args: readonly string[];
  #node: NodeProcess;
  #stop = new AbortController();
  #ticking: Promise<void>;
  #isHeld = false;

  private constructor(node: NodeProcess, chain: ChainClient, folder: string, args: readonly string[]) {
    this.chain = chain;
    this.folder = folder;
    this.storage = join(folder, "storage");
    mkdirSync(this.storage);
    this.#args = args;
    this.#node = node;
    this.#ticking = this.#tick();
  }

  static async open(
    trainers: number,
    { appealWindow = 5, commitWindow = 500, releaseWindow = 15, voteWindow = 50, minSilence = 400 } = {},
  ): Promise<AgentsChain> {
    const folder = mkdtempSync(join(tmpdir(), "matrixai-agents-"));
    const file = join(folder, "chain.json");
    const spec = localSpec(trainers);
    if (spec.genesis.type !== "config") throw new Error("the local chain has a configuration");
    const config = {
      ...spec.genesis.config,
      // Slots are long: blocks made on request come faster, so each takes a slot after the one before.
      Timestamp: { minimumPeriod: 3_000n },
      Poh: { epochLength: BigInt(epochLength) },
      Drilling: { voteWindow },
      Marketplace: { minSilence, stopWindow: 60, historyKept: 20_000 },
      ProofOfTraining: { commitWindow, revealWindow: 60, appealWindow, releaseWindow },
    };
    const changed = { ...spec, id: "agents", genesis: { type: "config" as const, config } };
    writeFileSync(file, printChainSpec(changed, genesisFields));
    const where = ["--chain", file, "--base-path", join(folder, "node")];
    const args = [...where, "--sealing", "manual", "--pruning", "archive"];
    const node = await startNode(args);
    // Whoever is connected finds it at the same port when it comes back.
    const fixed = [...args, "--rpc-port", new URL(node.url).port];
    return new AgentsChain(node, await ChainClient.connect(node.url), folder, fixed);
  }

  get url(): string {
    return this.#node.url;
  }

  /** Kills the node without warning, leaves it down for a while, and starts it again. */
  async crash(downMs: number): Promise<void> {
    this.#stop.abort();
    process.kill(this.#node.pid, "SIGKILL");
    await this.#ticking;
    await pause(downMs);
    this.#node = await startNode(this.#args);
    this.#stop = new AbortController();
    this.#ticking = this.#tick();
  }

  /** Makes no blocks until it is told to go on: what is sent meanwhile stays in the pool. */
  hold(): void {
    this.#isHeld = true;
  }

  goOn(): void {
    this.#isHeld = false;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ticking;
    this.chain.close();
    await this.#node.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Looks again and again until there is something. */
  async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await look().catch(() => undefined);
      if (found !== undefined) return found;
      await pause(blockMs);
    }
  }

  async #tick(): Promise<void> {
    const { signal } = this.#stop;
    const ended = once(signal, "abort");
    while (!signal.aborted) {
      if (this.#isHeld) {
        await pause(blockMs);
        continue;
      }
      // A node that is gone may leave the question open.
      const made = this.chain.request("engine_createBlock", true, true).catch(() => undefined);
      await Promise.race([made, ended]);
      await pause(blockMs);
    }
  }
}
