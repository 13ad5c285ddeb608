/** A node for tests and benchmarks of synchronisation: all but RPC. */
import { hashToBytes } from "../../node/chain/hash.ts";
import { ImportQueue } from "../../node/chain/import-queue.ts";
import { Author } from "../../node/consensus/author.ts";
import { Sealer } from "../../node/consensus/sealer.ts";
import { startFinality } from "../../node/finality/finality.ts";
import { Keystore } from "../../node/keystore/keystore.ts";
import { keyPair } from "../../node/keystore/secret.ts";
import { silentLog } from "../../node/log/log.ts";
import { startNetwork } from "../../node/network/network.ts";
import { openCore } from "../../node/service/core.ts";
import { finalityTrail } from "../../node/sync/finality-trail.ts";
import { startSync } from "../../node/sync/sync.ts";
import type { SyncMode } from "../../node/sync/types.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { wallet } from "./wallet.ts";

const mai = 10n ** 12n;
const alice = wallet(1);
export const payers = Array.from({ length: 20 }, (_, i) => wallet(2 + i));

/** Alice makes all blocks; besides those who pay there are accounts enough to make a state that is worth downloading. */
const genesisWith = (accounts: number) =>
  buildGenesis({
    Timestamp: { minimumPeriod: 1000n },
    Poh: { epochLength: 100n },
    Balances: {
      balances: [
        ...[alice, ...payers].map(({ account }) => [account, 100_000n * mai]),
        ...Array.from({ length: accounts }, (_, i) => [made(i), mai]),
      ],
    },
    TrainerStaking: {
      trainers: [
        {
          trainer: alice.account,
          poh_key: alice.account,
          gran_key: keyPair("//Alice", "ed25519").publicKey,
          bond: 10_000n * mai,
        },
      ],
    },
  });

function made(i: number): Uint8Array {
  const account = new Uint8Array(32).fill(9);
  new DataView(account.buffer).setUint32(0, Math.imul(i, 2_654_435_761));
  return account;
}

/** With so many accounts from the start. */
export const openBareCore = (path: string, accounts: number) =>
  openCore({ path, genesis: genesisWith(accounts), pruning: 256, sealing: "manual" });

interface MemberOptions {
  readonly accounts: number;
  readonly isAuthor?: boolean;
  readonly mode?: SyncMode;
}

/** The core with finality; its own voter and author are Alice where it is told. */
export async function openMember(path: string, options: MemberOptions) {
  const core = await openBareCore(path, options.accounts);
  const { chain, database, consensus, slotMs, clock } = core;
  const keys = new Keystore();
  if (options.isAuthor) keys.add("gran", "//Alice");
  const finality = startFinality({ gossipMs: 1 }, { chain, database, keys });
  const author = new Author({ keys: () => [alice], slotMs, clock }, { ...core, check: core.signatures.now });
  const sealer = new Sealer(author, core);
  const told = ({ hash, number }: typeof chain.best) => ({ hash: hashToBytes(hash), number });
  const network = await startNetwork(
    {
      genesis: hashToBytes(chain.genesisHash),
      status: { role: "full", best: told(chain.best), finalized: told(chain.finalized) },
      agent: "bench/1",
      listen: ["/ip4/127.0.0.1/tcp/0"],
      privateAddresses: true,
    },
    { log: silentLog },
  );
  const queue = new ImportQueue(chain);
  const sync = await startSync(
    { mode: options.mode ?? "full", role: "full" },
    {
      ...{ chain, database, network, queue, consensus },
      finality: {
        importJustification: (...proof) => finality.importJustification(...proof),
        trail: finalityTrail(chain, database),
      },
    },
  );
  return {
    ...{ core, finality, network, sync },
    seal: () => sealer.seal({ allowEmpty: true, finalize: false }),
    async close() {
      await sync.stop();
      await network.stop();
      queue.close();
      await finality.stop();
      await core.close();
    },
  };
}
