/**
 * A process that makes blocks as fast as it can, forks among them, until somebody ends it. Arguments: the folder
 * of its database, and how many blocks at most. It checks the whole database first and says what it found, then one
 * line per block that was reported as written.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { bytesToHash } from "../../node/chain/hash.ts";
import { Author } from "../../node/consensus/author.ts";
import { Sealer } from "../../node/consensus/sealer.ts";
import { openCore } from "../../node/service/core.ts";
import * as system from "../../pallets/system/index.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { authorityOf, signed, transfer, wallet } from "../support/wallet.ts";
import { findFaults } from "./find-faults.ts";

const mai = 10n ** 12n;
const wallets = Array.from({ length: 8 }, (_, i) => wallet(i));
const genesis = buildGenesis({
  Timestamp: { minimumPeriod: 1000n },
  Poh: { authorities: [authorityOf(wallets[0]!)] },
  Balances: { balances: wallets.map(({ account }) => [account, 1_000_000n * mai]) },
});

const [path = "", most = "1000000"] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const core = await openCore({ path, genesis, pruning: 8, sealing: "instant" });
  const { chain, pool, slotMs, clock } = core;
  say({ opened: chain.best.number, finalized: chain.finalized.number, faults: await findFaults(core) });

  const author = new Author(
    { keys: () => [wallets[0]!], slotMs, clock },
    { ...core, check: core.signatures.now },
  );
  const sealer = new Sealer(author, core);
  const end = chain.best.number + Number(most);
  while (chain.best.number < end) {
    const nonceOf = new Map<number, number>();
    for (let n = 0; n < 3; n++) {
      const from = Math.floor(Math.random() * wallets.length);
      const to = wallet(Math.floor(Math.random() * 1000)).account;
      const nonce = nonceOf.get(from) ?? nonceAt(core, wallets[from]!.account);
      nonceOf.set(from, nonce + 1);
      await pool.submit(signed(wallets[from]!, transfer(to, mai), chain, { nonce }), "Local");
    }
    // Now and then a sibling of the best block, which the next one may build on.
    const parent = Math.random() < 0.2 ? chain.finalized.hash : undefined;
    const { hash, number } = await sealer.seal({ allowEmpty: true, finalize: false, parent });
    if (parent) await sealer.seal({ allowEmpty: true, finalize: false, parent: hash });
    // All but the best block is final, as where everybody votes at once.
    await chain.finalize(bytesToHash(chain.header(chain.best.hash)!.parentHash));
    await pool.settled();
    say({ wrote: number, hash });
    await sleep(1);
  }
  await core.close();
} catch (error) {
  say({ failed: (error as { code?: unknown }).code ?? "unknown", message: (error as Error).message });
  process.exit(1);
}

function nonceAt({ chain }: Awaited<ReturnType<typeof openCore>>, account: Uint8Array): number {
  const lookup = chain.stateAt(chain.best.hash);
  return lookup.type === "ok" ? system.readAccount({ storage: lookup.state }, account).nonce : 0;
}
