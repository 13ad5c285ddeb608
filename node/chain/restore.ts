import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { textKey } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { trieRoot } from "../../runtime/primitives/trie/root.ts";
import type { Database } from "../db/database.ts";
import { type Entry, restoreState } from "../state/restore.ts";
import { BlockStore } from "./block-store.ts";
import { genesisHeader } from "./genesis.ts";
import { bytesToHash, type Hash } from "./hash.ts";
import type { Block, Justification } from "./types.ts";

/** Hash of the block that starts the chain with this first state. */
export const genesisHashOf = (genesis: Changes): Uint8Array => hashHeader(genesisBlock(genesis));

/**
 * Makes a new database that of the chain of `genesis`, with one later block as its best and final one, and
 * that block's state from its entries. Blocks between are not there. Throws `RootMismatch` when the entries
 * are not the state that the block's header names.
 */
export async function restoreChain(
  database: Database,
  genesis: Changes,
  { block, justifications }: { readonly block: Block; readonly justifications: readonly Justification[] },
  entries: AsyncIterable<Entry>,
  archive: boolean,
): Promise<{ readonly hash: Hash; readonly entries: number }> {
  const first = genesisBlock(genesis);
  const [firstHash, hash] = [hashHeader(first), hashHeader(block.header)];
  await database.bindGenesis(firstHash);
  const store = new BlockStore(database);
  const { number, stateRoot } = block.header;
  const restored = { rootHash: stateRoot, depth: number, archive };
  const done = await restoreState(database, entries, restored, (batch, version) => {
    // The first state is not there: version 1 stands for a discarded one.
    if (!equalBytes(firstHash, hash)) {
      store.put(
        batch,
        bytesToHash(firstHash),
        { header: first, extrinsics: [] },
        { stateVersion: 1, weight: 0 },
      );
      store.putCanonical(batch, 0, bytesToHash(firstHash));
    }
    // Weights are compared between its descendants only, so they may be counted from here.
    store.put(batch, bytesToHash(hash), block, { stateVersion: version, weight: 0 });
    store.putCanonical(batch, number, bytesToHash(hash));
    if (justifications.length > 0) store.putJustifications(batch, bytesToHash(hash), justifications);
    store.putHead(batch, "best", bytesToHash(hash));
    store.putHead(batch, "finalized", bytesToHash(hash));
  });
  return { hash: bytesToHash(hash), entries: done.entries };
}

function genesisBlock(genesis: Changes) {
  const entries = [...genesis].flatMap(([key, value]) => (value ? [[textKey(key), value] as const] : []));
  return genesisHeader(trieRoot(entries, 1));
}
