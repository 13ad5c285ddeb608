import type { RuntimeVersion } from "../../../runtime/frame/runtime-version.ts";
import type { Header } from "../../../runtime/primitives/header.ts";
import { bytesToHash, type Hash } from "../../chain/hash.ts";
import type { BestEvent, ChainReader, FinalizedEvent, ImportedEvent } from "../../chain/types.ts";
import { runtimeSpecToJson } from "../runtime-version-json.ts";
import type { Sink } from "../server/method.ts";
import { duplicateHashes, invalidBlock } from "./error.ts";
import { Operations } from "./operations.ts";

/** Finalized blocks that a new subscription is told of. */
const recentBlocks = 16;

/**
 * How far behind the finalized block a pinned one may fall; with one more the subscription is stopped, because
 * a pin holds back the pruning of states, and clients that forget theirs must not fill the disk.
 */
export const maxPinnedDepth = 128;

interface Pinned {
  readonly number: number;
  readonly header: Header;
  /** Lets the block's state go. */
  readonly release: () => void;
}

/** One `chainHead_v1_follow`: tells the head of the chain as it moves, and remembers what the client has pinned. */
export class Follow {
  readonly withRuntime: boolean;
  readonly operations: Operations;
  readonly #sink: Sink;
  readonly #chain: ChainReader;
  readonly #version: RuntimeVersion;
  readonly #pinned = new Map<Hash, Pinned>();
  /** Unfinalized blocks that the client was told of. */
  readonly #reported = new Set<Hash>();
  #best: Hash;

  constructor(sink: Sink, parts: { chain: ChainReader; version: RuntimeVersion }, withRuntime: boolean) {
    this.#sink = sink;
    this.#chain = parts.chain;
    this.#version = parts.version;
    this.withRuntime = withRuntime;
    this.operations = new Operations(sink);
    this.#best = parts.chain.best.hash;
  }

  /** Tells where the chain is and follows it; returns how to stop. */
  start(): () => void {
    const { events } = this.#chain;
    this.#initialize();
    events.on("imported", this.#onImported);
    events.on("best", this.#onBest);
    events.on("finalized", this.#onFinalized);
    return () => {
      events.off("imported", this.#onImported);
      events.off("best", this.#onBest);
      events.off("finalized", this.#onFinalized);
      this.operations.stopAll();
      for (const hash of this.#pinned.keys()) this.#unpin(hash);
    };
  }

  /** Repeats the best block: a sign of life for clients that take silence for a dead connection. */
  repeat(): void {
    this.#sink.send({ event: "bestBlockChanged", bestBlockHash: this.#best });
  }

  close(): void {
    this.#sink.close();
  }

  /** @throws RpcError -32801 when the client has not pinned the block. */
  pinned(hash: Hash): Header {
    const block = this.#pinned.get(hash);
    if (block === undefined) throw invalidBlock(hash);
    return block.header;
  }

  /** Unpins all of `hashes` or none. @throws RpcError -32801 or -32804 */
  unpin(hashes: readonly Hash[]): void {
    if (new Set(hashes).size !== hashes.length) throw duplicateHashes();
    for (const hash of hashes) this.pinned(hash);
    for (const hash of hashes) this.#unpin(hash);
  }

  #initialize(): void {
    const { number, hash } = this.#chain.finalized;
    const recent: Hash[] = [];
    for (let height = Math.max(0, number - recentBlocks + 1); height < number; height++) {
      const older = this.#chain.hashAt(height);
      // A node that began at a snapshot has no older ones.
      if (older !== undefined && this.#pin(older)) recent.push(older);
    }
    this.#pin(hash);
    recent.push(hash);
    this.#sink.send({
      event: "initialized",
      finalizedBlockHashes: recent,
      ...(this.withRuntime ? { finalizedBlockRuntime: runtimeSpecToJson(this.#version) } : {}),
    });
    for (const block of this.#chain.unfinalized()) this.#report(block.hash);
    this.repeat();
  }

  #pin(hash: Hash): Header | undefined {
    const header = this.#chain.header(hash);
    if (header === undefined) return undefined;
    // A state that is pruned already can not be held; its header and body still can be asked for.
    const release = this.#chain.pin(hash) ?? (() => {});
    this.#pinned.set(hash, { number: header.number, header, release });
    return header;
  }

  #unpin(hash: Hash): void {
    this.#pinned.get(hash)?.release();
    this.#pinned.delete(hash);
  }

  #report(hash: Hash): void {
    // A block that was being written when the client came may be there already, and is announced afterwards.
    const header = this.#reported.has(hash) ? undefined : this.#pin(hash);
    if (header === undefined) return;
    this.#reported.add(hash);
    const runtime = header.digest.some((item) => item.type === "RuntimeEnvironmentUpdated")
      ? runtimeSpecToJson(this.#version)
      : null;
    this.#sink.send({
      event: "newBlock",
      blockHash: hash,
      parentBlockHash: bytesToHash(header.parentHash),
      ...(this.withRuntime ? { newRuntime: runtime } : {}),
    });
  }

  readonly #onImported = ({ hash }: ImportedEvent): void => this.#report(hash);

  readonly #onBest = ({ hash }: BestEvent): void => {
    this.#best = hash;
    this.repeat();
  };

  readonly #onFinalized = ({ number, enacted, stale }: FinalizedEvent): void => {
    const told = (blocks: FinalizedEvent["stale"]) =>
      blocks.map(({ hash }) => hash).filter((hash) => this.#reported.delete(hash));
    const finalizedBlockHashes = told(enacted);
    this.#sink.send({ event: "finalized", finalizedBlockHashes, prunedBlockHashes: told(stale) });
    const oldest = Math.min(...Array.from(this.#pinned.values(), (block) => block.number));
    if (oldest >= number - maxPinnedDepth) return;
    this.#sink.send({ event: "stop" });
    this.#sink.close();
  };
}
