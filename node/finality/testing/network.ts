import { bytesToHash, type Hash } from "../../chain/hash.ts";
import type { Block, Head } from "../../chain/types.ts";
import { decodeGossip } from "../wire.ts";
import { Hub } from "./hub.ts";
import { startToyVoter, type ToyVoter, type ToyVoterOptions } from "./toy-voters.ts";

/** Several voters in one process, each with a chain of its own, over a network in memory. */
export class ToyNetwork {
  readonly hub = new Hub();
  readonly nodes = new Map<string, ToyVoter>();
  readonly #options: Omit<ToyVoterOptions, "name" | "network" | "folder">;

  constructor(options: Omit<ToyVoterOptions, "name" | "network" | "folder">) {
    this.#options = options;
  }

  async start(name: string, more: Partial<ToyVoterOptions> = {}): Promise<ToyVoter> {
    const fetchBlock = (peer: string, head: Head): void => void this.#fetch(name, peer, head);
    const parts = { ...this.#options.parts, fetchBlock };
    const network = this.hub.join(name);
    const node = await startToyVoter({ ...this.#options, name, network, parts, ...more });
    this.nodes.set(name, node);
    return node;
  }

  /** Makes blocks at the first of the nodes that `names` lists, on its best one, and gives them to the others. */
  async extend(
    count: number,
    names: readonly string[],
    options: { set?: number; salt?: number } = {},
  ): Promise<Hash> {
    const [maker, ...others] = names.map((name) => this.nodes.get(name)!) as [ToyVoter, ...ToyVoter[]];
    const hash = await maker.extend(count, options);
    for (const other of others) await this.share(maker, other);
    return hash;
  }

  /** Gives all blocks of one node to another. */
  async share(from: ToyVoter, to: ToyVoter): Promise<void> {
    for (let number = 1; number <= from.chain.best.number; number++) {
      const hash = from.chain.hashAt(number)!;
      if (!to.chain.header(hash)) await to.import(from.block(hash));
    }
  }

  /** Gives `to` a block of `from` with those before it, whichever branch it is on. */
  async #fetch(to: string, from: string, { hash }: Head): Promise<void> {
    const [target, source] = [this.nodes.get(to)!, this.nodes.get(from)!];
    const line: Block[] = [];
    for (let at = hash; !target.chain.header(at); at = bytesToHash(line.at(-1)!.header.parentHash)) {
      line.push(source.block(at));
    }
    for (const block of line.reverse()) await target.import(block);
  }

  /** Votes that were sent twice for different blocks, which no honest voter may. */
  doubleVotes(): string[] {
    const said = new Map<string, string>();
    const twice: string[] = [];
    for (const { bytes } of this.hub.log) {
      const message = decodeGossip(bytes);
      if (message.type !== "Vote" || message.value.message.message.type === "PrimaryPropose") continue;
      const { round, set_id, message: signed } = message.value;
      const name = `${Buffer.from(signed.id).toString("hex")} ${signed.message.type} ${set_id}/${round}`;
      const target = Buffer.from(signed.message.value.target_hash).toString("hex");
      if (said.has(name) && said.get(name) !== target) twice.push(name);
      said.set(name, target);
    }
    return twice;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes.values()) await node.stop();
    this.nodes.clear();
  }
}

/** Lets timers and messages happen for so long, in ms: only to see that something does not happen. */
export const idle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
