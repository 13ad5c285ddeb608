import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import type { Batch } from "../db/batch.ts";
import type { Database } from "../db/database.ts";
import { IncomingState } from "../state/incoming-state.ts";
import type { StateDb } from "../state/state-db.ts";
import type { BlockStore } from "./block-store.ts";
import type { Moves } from "./branches.ts";
import { bytesToHash, type Hash, hashToBytes } from "./hash.ts";
import type { Block, Head, ImportedEvent, Justification } from "./types.ts";

/** A block with what proves that it is final, and what else is to be written with it. */
export interface FinalBlock {
  readonly block: Block;
  readonly justifications: readonly Justification[];
  readonly alongside?: (batch: Batch) => void;
}

interface Parts {
  readonly database: Database;
  readonly states: StateDb;
  readonly store: BlockStore;
}

/** Genesis has the first version; blocks that were never executed here share its fate of being discarded. */
const discardedVersion = 1;

/**
 * Makes a block the best and final one of a chain that has only genesis so far; its state lies in the free column. All
 * at once: before it the chain is at genesis, after it at the block, with a gap between.
 * @throws RootMismatch when that is not its state; nothing has changed then.
 */
export async function adoptBlock(
  { block, justifications, alongside }: FinalBlock,
  { database, states, store }: Parts,
): Promise<{ readonly hash: Hash; readonly entries: number }> {
  const hash = bytesToHash(hashHeader(block.header));
  const { number, stateRoot } = block.header;
  const { entries } = await states.adopt({ rootHash: stateRoot, depth: number }, (batch, stateVersion) => {
    // Weights are compared between its descendants only, so they may be counted from here.
    store.put(batch, hash, block, { stateVersion, weight: 0 });
    store.putCanonical(batch, number, hash);
    if (justifications.length > 0) store.putJustifications(batch, hash, justifications);
    store.putHead(batch, "best", hash);
    store.putHead(batch, "finalized", hash);
    alongside?.(batch);
    if (number > 1) store.putGap(batch, { from: 1, to: number - 1 });
  });
  await new IncomingState(database).discard();
  return { hash, entries };
}

/** What is told of it: an import, a new best and a new final block, with a leap from genesis. */
export function adoptedEvents(
  hash: Hash,
  header: Header,
  common: Head,
): { readonly imported: ImportedEvent; readonly moves: Moves } {
  const head = { hash, number: header.number };
  return {
    imported: { ...head, header, origin: "sync", isBest: true },
    moves: {
      best: { ...head, header, route: { retracted: [], common, enacted: [head] } },
      finalized: { ...head, header, enacted: [head], stale: [] },
    },
  };
}

/**
 * Fills in blocks from the upper end of the gap, highest first; each must be its successor's parent. They are not
 * executed: the hash of the block above vouches for them. It does not for justifications, so those are not kept.
 * Gives the batch to write. @throws Error for any others
 */
export function fillGap(
  blocks: readonly Block[],
  { database, store }: Pick<Parts, "database" | "store">,
): Batch {
  const gap = store.gap();
  const above = gap && store.hashAt(gap.to + 1);
  let next = above && store.header(above);
  if (!gap || !next) throw new Error("there is no gap in the chain to fill");
  const batch = database.batch();
  let to = gap.to;
  for (const block of blocks) {
    const hash = hashHeader(block.header);
    if (to < gap.from || block.header.number !== to || !equalBytes(hash, next.parentHash)) {
      throw new Error(
        `block ${block.header.number} ${bytesToHash(hash)} does not belong below ${next.number}`,
      );
    }
    const name = bytesToHash(hash);
    store.put(batch, name, block, { stateVersion: discardedVersion, weight: 0 });
    store.putCanonical(batch, to, name);
    next = block.header;
    to--;
  }
  const isWhole = to < gap.from;
  const genesis = store.hashAt(gap.from - 1);
  if (isWhole && (!genesis || !equalBytes(next.parentHash, hashToBytes(genesis)))) {
    throw new Error(`block ${gap.from} does not stand on block ${gap.from - 1} of this chain`);
  }
  store.putGap(batch, isWhole ? undefined : { from: gap.from, to });
  return batch;
}

/** Where a gap ends, as what to ask for next. */
export function belowGap(store: BlockStore): Head | undefined {
  const gap = store.gap();
  const above = gap && store.hashAt(gap.to + 1);
  const header = above && store.header(above);
  return header && { hash: bytesToHash(header.parentHash), number: header.number - 1 };
}
