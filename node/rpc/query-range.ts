import { toHex } from "../../runtime/primitives/bytes.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { ChainReader } from "../chain/types.ts";
import { RpcError } from "./server/error.ts";
import { stateAt } from "./states.ts";

/** Blocks of one request. */
const maxBlocks = 10_000;

/**
 * Values of `keys` at `from`, then what changed in each block up to `to`, oldest first.
 * @throws RpcError 4001 when `from` is no ancestor of `to`, 4003 when a state is not there.
 */
export async function queryRange(chain: ChainReader, keys: readonly Uint8Array[], from: Hash, to: Hash) {
  const blocks = blocksBetween(chain, from, to);
  const last = keys.map((): string | null | undefined => undefined);
  const sets: { block: Hash; changes: [string, string | null][] }[] = [];
  for (const block of blocks) {
    const state = stateAt(chain, block);
    const changes: [string, string | null][] = [];
    keys.forEach((key, index) => {
      const value = state.get(key);
      const text = value === undefined ? null : toHex(value);
      if (text === last[index]) return;
      last[index] = text;
      changes.push([toHex(key), text]);
    });
    if (changes.length > 0) sets.push({ block, changes });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sets;
}

function blocksBetween(chain: ChainReader, from: Hash, to: Hash): Hash[] {
  const refuse = (why: string) =>
    new RpcError(4001, `Cannot resolve a block range ['${from}' ... '${to}']. ${why}`);
  const first = chain.header(from);
  if (first === undefined) throw refuse("The first block is not known.");
  const blocks: Hash[] = [];
  for (let at = to; ; ) {
    blocks.push(at);
    if (at === from) return blocks.reverse();
    const header = chain.header(at);
    if (header === undefined) throw refuse("The last block is not known.");
    if (header.number <= first.number) throw refuse("The first block is not an ancestor of the last.");
    if (blocks.length >= maxBlocks) throw refuse(`It is longer than ${maxBlocks} blocks.`);
    at = bytesToHash(header.parentHash);
  }
}
