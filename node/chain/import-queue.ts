import { hashHeader } from "../../runtime/primitives/header.ts";
import type { Chain } from "./chain.ts";
import { Foresight } from "./foresight.ts";
import { bytesToHash, type Hash } from "./hash.ts";
import type { Block, BlockOrigin, ImportedEvent, ImportResult } from "./types.ts";

export interface QueueLimits {
  readonly blocks: number;
  readonly bytes: number;
}

const standardLimits: QueueLimits = { blocks: 2048, bytes: 128 * 2 ** 20 };

interface Orphan {
  readonly block: Block;
  readonly origin: BlockOrigin;
  readonly hash: Hash;
  readonly parent: Hash;
  readonly bytes: number;
  readonly resolve: (result: ImportResult) => void;
}

type QueuedChain = Pick<Chain, "import" | "events" | "best" | "checkAhead">;

/**
 * Takes blocks in any order and imports parents before children. A block whose parent is unknown waits for it;
 * when too many wait, the one that waited longest is given up.
 */
export class ImportQueue {
  readonly #chain: QueuedChain;
  readonly #foresight: Foresight;
  readonly #limits: QueueLimits;
  /** In the order of arrival. */
  readonly #orphans = new Map<Hash, Orphan>();
  readonly #children = new Map<Hash, Set<Orphan>>();
  /** What each block in the queue will have become; a block that is offered twice is imported once. */
  readonly #results = new Map<Hash, Promise<ImportResult>>();
  readonly #importing = new Set<Promise<ImportResult>>();
  #orphanBytes = 0;
  #busyBytes = 0;

  constructor(chain: QueuedChain, limits: QueueLimits = standardLimits) {
    this.#chain = chain;
    this.#foresight = new Foresight(chain);
    this.#limits = limits;
    chain.events.on("imported", this.#onImported);
  }

  /** Blocks that wait for a parent. */
  get waiting(): number {
    return this.#orphans.size;
  }

  /** Blocks that are being imported, or are next. */
  get importing(): number {
    return this.#importing.size;
  }

  /** Resolves when nothing is being imported: what is still in the queue waits for a parent. */
  async idle(): Promise<void> {
    while (this.#importing.size > 0) await Promise.allSettled(this.#importing);
  }

  /** Stops listening; blocks that wait are given up. */
  close(): void {
    this.#chain.events.off("imported", this.#onImported);
    for (const orphan of this.#orphans.values()) this.#giveUp(orphan, "the queue is closed");
  }

  /** Resolves when the block is imported or refused: for one whose parent is unknown, not before that is clear. */
  push(block: Block, origin: BlockOrigin): Promise<ImportResult> {
    const hash = bytesToHash(hashHeader(block.header));
    const known = this.#results.get(hash);
    if (known) return known;
    const bytes = block.extrinsics.reduce((size, extrinsic) => size + extrinsic.length, 512);
    const isFull = this.#results.size >= this.#limits.blocks || this.#usedBytes + bytes > this.#limits.bytes;
    if (isFull && !this.#makeRoom(bytes)) {
      return Promise.resolve({ type: "refused", hash, code: "QueueFull", message: "too many blocks wait" });
    }
    this.#foresight.note(hash, block);
    // One whose turn it is has its signatures checked beside its execution.
    if (this.#importing.size > 0) this.#foresight.look(block);
    const result = this.#import(block, origin, hash, bytes).finally(() => this.#results.delete(hash));
    this.#results.set(hash, result);
    return result;
  }

  get #usedBytes(): number {
    return this.#orphanBytes + this.#busyBytes;
  }

  async #import(block: Block, origin: BlockOrigin, hash: Hash, bytes: number): Promise<ImportResult> {
    this.#busyBytes += bytes;
    const importing = this.#chain.import(block, origin);
    this.#importing.add(importing);
    let result: ImportResult;
    try {
      result = await importing;
    } finally {
      this.#importing.delete(importing);
      this.#busyBytes -= bytes;
    }
    if (result.type !== "refused") return result;
    if (result.code !== "UnknownParent") {
      this.#giveUpChildren(hash, `its parent was refused: ${result.message}`);
      return result;
    }
    const parent = bytesToHash(block.header.parentHash);
    return new Promise((resolve) => this.#wait({ block, origin, hash, parent, bytes, resolve }));
  }

  #wait(orphan: Orphan): void {
    this.#orphans.set(orphan.hash, orphan);
    this.#orphanBytes += orphan.bytes;
    const siblings = this.#children.get(orphan.parent);
    if (siblings) siblings.add(orphan);
    else this.#children.set(orphan.parent, new Set([orphan]));
  }

  #leave(orphan: Orphan): void {
    if (!this.#orphans.delete(orphan.hash)) return;
    this.#orphanBytes -= orphan.bytes;
    const siblings = this.#children.get(orphan.parent);
    siblings?.delete(orphan);
    if (siblings?.size === 0) this.#children.delete(orphan.parent);
  }

  readonly #onImported = ({ hash }: ImportedEvent): void => {
    for (const orphan of this.#children.get(hash) ?? []) {
      this.#leave(orphan);
      // A failure to write is told to whoever asked for the parent, and ends the node.
      void this.#import(orphan.block, orphan.origin, orphan.hash, orphan.bytes)
        .catch((error): ImportResult => refusedFor(orphan, String(error)))
        .then(orphan.resolve);
    }
  };

  /** Gives up the oldest orphans until a block of this size fits; false when none is left to give up. */
  #makeRoom(bytes: number): boolean {
    while (this.#results.size >= this.#limits.blocks || this.#usedBytes + bytes > this.#limits.bytes) {
      const oldest = this.#orphans.values().next().value;
      if (!oldest) return false;
      this.#giveUp(oldest, "its parent did not come");
    }
    return true;
  }

  #giveUpChildren(parent: Hash, why: string): void {
    for (const orphan of this.#children.get(parent) ?? []) this.#giveUp(orphan, why);
  }

  #giveUp(orphan: Orphan, why: string): void {
    this.#leave(orphan);
    this.#results.delete(orphan.hash);
    orphan.resolve(refusedFor(orphan, why));
    this.#giveUpChildren(orphan.hash, why);
  }
}

const refusedFor = ({ hash }: Orphan, message: string): ImportResult => ({
  type: "refused",
  hash,
  code: "UnknownParent",
  message,
});
