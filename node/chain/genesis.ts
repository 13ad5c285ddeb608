import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import type { Database } from "../db/database.ts";
import type { StateDb } from "../state/state-db.ts";
import type { BlockStore } from "./block-store.ts";
import { bytesToHash, type Hash } from "./hash.ts";

/** Block 0 of the chain that begins with a state of this root: no parent, no body, no digest. */
export const genesisHeader = (stateRoot: Uint8Array): Header => ({
  parentHash: new Uint8Array(32),
  number: 0,
  stateRoot,
  extrinsicsRoot: emptyRoot,
  digest: [],
});

/**
 * Makes a new database that of the chain which begins with the state `genesis`, or checks that it is.
 * Effects: writes one batch into a new database.
 */
export async function initialiseGenesis(
  genesis: Changes,
  parts: { readonly database: Database; readonly states: StateDb; readonly store: BlockStore },
): Promise<Hash> {
  const { database, states, store } = parts;
  const state = states.update(0, genesis);
  const header = genesisHeader(state.rootHash);
  const hash = bytesToHash(hashHeader(header));
  await database.bindGenesis(hashHeader(header));
  if (store.head("best") !== undefined) return hash;
  const batch = database.batch();
  states.write(batch, state, { best: true });
  store.put(batch, hash, { header, extrinsics: [] }, { stateVersion: state.version, weight: 0 });
  store.putCanonical(batch, 0, hash);
  store.putHead(batch, "best", hash);
  store.putHead(batch, "finalized", hash);
  await database.write(batch, { sync: true });
  return hash;
}
