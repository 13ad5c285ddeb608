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
 * Finalized blocks that a subscription may keep pinned; with one more it is stopped. Fewer than the states
 * that are kept unless told otherwise, so that what is pinned can be asked about.
 */
export const maxPinnedFinalized = 128;

interface Pinned {
  readonly number: number;
  readonly header: Header;
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
  #finalized: number;
  #best: Hash;

  constructor(sink: Sink, parts: { chain: ChainReader; version: RuntimeVersion }, withRuntime: boolean) {
    this.#sink = sink;
    this.#chain = parts.chain;
    this.#version = parts.version;
    this.withRuntime = withRuntime;
    this.operations = new Operations(sink);
    this.#finalized = parts.chain.finalized.number;
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
      this.#pinned.clear();
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
    for (const hash of hashes) this.#pinned.delete(hash);
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
    if (header !== undefined) this.#pinned.set(hash, { number: header.number, header });
    return header;
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
    this.#finalized = number;
    const told = (blocks: FinalizedEvent["stale"]) =>
      blocks.map(({ hash }) => hash).filter((hash) => this.#reported.delete(hash));
    const finalizedBlockHashes = told(enacted);
    this.#sink.send({ event: "finalized", finalizedBlockHashes, prunedBlockHashes: told(stale) });
    let old = 0;
    for (const block of this.#pinned.values()) if (block.number <= this.#finalized) old++;
    if (old <= maxPinnedFinalized) return;
    this.#sink.send({ event: "stop" });
    this.#sink.close();
  };
}
