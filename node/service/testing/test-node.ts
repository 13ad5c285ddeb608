import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as system from "../../../pallets/system/index.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { buildGenesis } from "../../../runtime/genesis.ts";
import type { Changes } from "../../../runtime/primitives/storage.ts";
import { authorityOf, signed, transfer, type Wallet, wallet } from "../../../test/support/wallet.ts";
import type { Hash } from "../../chain/hash.ts";
import type { Block } from "../../chain/types.ts";
import { Author } from "../../consensus/author.ts";
import { Sealer, type SealOptions } from "../../consensus/sealer.ts";
import type { TransactionStatus } from "../../pool/types.ts";
import { type Core, openCore, type Sealing } from "../core.ts";

export const mai = 10n ** 12n;
export const [alice, bob, carol] = [wallet(1), wallet(2), wallet(3)] as const;

/** Alice and Bob have 1,000 MAI each, Carol nothing; Alice makes all blocks. */
export const usualGenesis = buildGenesis({
  Timestamp: { minimumPeriod: 1000n },
  Poh: { authorities: [authorityOf(alice)] },
  Balances: { balances: [alice, bob].map(({ account }) => [account, 1000n * mai]) },
});

/** Every node of a test tells this time, in ms. */
export const clockMs = 1_800_000_000_000;
const clock = () => clockMs;

/** Nodes without an outside, in folders of their own; `close` ends them all. */
export function testNodes(genesis: Changes = usualGenesis) {
  const folder = mkdtempSync(join(tmpdir(), "core-"));
  const open = new Set<Core>();
  return {
    /** With Alice's key unless told. */
    async node(
      name: string,
      sealing: Sealing = "manual",
      keys: readonly Wallet[] = [alice],
    ): Promise<TestNode> {
      const core = await openCore({ path: join(folder, name), genesis, pruning: 256, sealing, clock });
      open.add(core);
      const close = async () => {
        open.delete(core);
        await core.close();
      };
      return testNode({ ...core, close }, keys);
    },
    async close(): Promise<void> {
      for (const core of open) await core.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type TestNode = ReturnType<typeof testNode>;

/** A core that makes blocks, with what tests do all the time. */
function testNode(core: Core, keys: readonly Wallet[]) {
  const { chain, pool, slotMs, signatures, equivocations } = core;
  const author = new Author(
    { keys: () => keys, slotMs, clock },
    { ...core, check: signatures.now, inherents: (ctx) => equivocations.inherents(ctx) },
  );
  const sealer = new Sealer(author, core);
  const state = () => {
    const lookup = chain.stateAt(chain.best.hash);
    if (lookup.type !== "ok") throw new Error("the best state is missing");
    return lookup.state;
  };
  return {
    ...core,
    author,
    sealer,
    state,
    sign: (from: Wallet, call: AnyCall, nonce: number, tip = 0n) => signed(from, call, chain, { nonce, tip }),
    /** A transfer to Carol. */
    pay: (from: Wallet, nonce: number, amount = mai, tip = 0n) =>
      signed(from, transfer(carol.account, amount), chain, { nonce, tip }),
    /** Offers a transaction and records what becomes of it. */
    async submit(bytes: Uint8Array) {
      const statuses: TransactionStatus[] = [];
      const result = await pool.submit(bytes, "External", (status) => statuses.push(status));
      return { result, statuses };
    },
    free: (account: Uint8Array): bigint => system.readAccount({ storage: state() }, account).data.free,
    seal: (options: Partial<SealOptions> = {}) =>
      sealer.seal({ allowEmpty: true, finalize: false, ...options }),
    block: (hash: Hash): Block => ({ header: chain.header(hash)!, extrinsics: chain.body(hash)! }),
  };
}
