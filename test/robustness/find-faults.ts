import { bytesToHash } from "../../node/chain/hash.ts";
import { slotOf } from "../../node/consensus/digest.ts";
import { columns } from "../../node/db/columns.ts";
import type { Core } from "../../node/service/core.ts";
import * as balances from "../../pallets/balances/index.ts";
import * as system from "../../pallets/system/index.ts";
import { equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { trieRoot } from "../../runtime/primitives/trie/root.ts";

/** What is wrong in a node's database, found by looking at all of it; for small states only. */
export async function findFaults({ chain, database }: Core): Promise<string[]> {
  const faults: string[] = [];
  const expect = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault);
  };

  // The best chain is one line of blocks that name each other, from the head to genesis.
  let hash = chain.best.hash;
  for (let number = chain.best.number; number >= 0; number--) {
    const header = chain.header(hash);
    if (!header) return [...faults, `block ${number} ${hash} is missing`];
    expect(header.number === number, `block ${hash} is at height ${header.number}, not ${number}`);
    expect(bytesToHash(hashHeader(header)) === hash, `block ${hash} has another hash`);
    expect(chain.hashAt(number) === hash, `height ${number} names ${chain.hashAt(number)}, not ${hash}`);
    expect(chain.body(hash) !== undefined, `block ${hash} has no body`);
    hash = bytesToHash(header.parentHash);
  }
  expect(chain.hashAt(chain.best.number + 1) === undefined, "there is a block above the best one");

  // All blocks are this node's own, and no slot has two of them.
  const slots = new Set<bigint>();
  for (let number = 1; chain.hashesAt(number).length > 0; number++) {
    for (const hash of chain.hashesAt(number)) {
      const slot = slotOf(chain.header(hash)!.digest)!;
      expect(!slots.has(slot), `slot ${slot} has two blocks, one of them ${hash}`);
      slots.add(slot);
    }
  }
  const finalized = chain.hashAt(chain.finalized.number);
  expect(finalized === chain.finalized.hash, "the finalized block is not on the best chain");

  // The states that must be there are, whole, and say what their blocks say.
  const open = [chain.best, chain.finalized, ...chain.unfinalized()];
  for (const head of open) {
    const lookup = chain.stateAt(head.hash);
    if (lookup.type !== "ok") {
      faults.push(`the state of ${head.number} ${head.hash} is ${lookup.type}`);
      continue;
    }
    const entries = [...lookup.state.entries()];
    const root = trieRoot(entries, 1);
    const { stateRoot } = chain.header(head.hash)!;
    expect(equalBytes(root, stateRoot), `the state of ${head.number} has root ${toHex(root)}`);
    for (const [key, value] of entries) {
      const read = lookup.state.get(key);
      expect(
        read !== undefined && equalBytes(read, value),
        `state ${head.number} reads ${toHex(key)} wrongly`,
      );
    }
    if (head.hash === chain.best.hash) {
      let rows = 0;
      for await (const _ of database.keys(columns.flat)) rows++;
      expect(rows === entries.length, `the fast table has ${rows} rows for ${entries.length} entries`);
    }
    const ctx = { storage: lookup.state };
    let sum = 0n;
    for (const [, account] of system.storage.Account.iterate(ctx))
      sum += account.data.free + account.data.reserved;
    expect(
      sum === balances.totalIssuance(ctx),
      `accounts hold ${sum} of ${balances.totalIssuance(ctx)} issued`,
    );
  }

  // The best block can be executed again.
  const refused = await chain.check(chain.best.hash);
  expect(!refused, `the best block is refused: ${refused?.message}`);
  return faults;
}
