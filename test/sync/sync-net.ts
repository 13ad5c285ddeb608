import { hashToBytes } from "../../node/chain/hash.ts";
import { ImportQueue } from "../../node/chain/import-queue.ts";
import { pohConsensus } from "../../node/consensus/poh-consensus.ts";
import { startFinality } from "../../node/finality/finality.ts";
import type { Finality } from "../../node/finality/types.ts";
import { Keystore } from "../../node/keystore/keystore.ts";
import { keyPair } from "../../node/keystore/secret.ts";
import { type Log, silentLog } from "../../node/log/log.ts";
import { connect, Hosts } from "../../node/network/testing/hosts.ts";
import type { Network, Protocol, Status } from "../../node/network/types.ts";
import { alice, bob, mai, type TestNode, testNodes } from "../../node/service/testing/test-node.ts";
import { finalityTrail } from "../../node/sync/finality-trail.ts";
import { serveChain } from "../../node/sync/serve.ts";
import { startSync } from "../../node/sync/sync.ts";
import type { FinalityTrail, Sync, SyncMode } from "../../node/sync/types.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";

/** Blocks of an epoch, after which the voters may change. */
export const epochLength = 15;

/** Alice makes all blocks and is the only voter; Bob pays. */
const genesisWith = (accounts: number) =>
  buildGenesis({
    Timestamp: { minimumPeriod: 1000n },
    Poh: { epochLength: BigInt(epochLength) },
    Balances: {
      balances: [
        ...[alice, bob].map(({ account }) => [account, 100_000n * mai] as const),
        ...Array.from(
          { length: accounts },
          (_, i) => [blake2_256(Buffer.from(`account ${i}`)), mai] as const,
        ),
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

export interface NodeSetup {
  readonly mode?: SyncMode;
  readonly log?: Log;
}

/** A core whose blocks become final by votes: Alice's, or those that others prove. */
export interface Member extends TestNode {
  readonly finality: Finality;
  close(): Promise<void>;
}

export interface SyncNode extends Member {
  readonly network: Network;
  readonly queue: ImportQueue;
  readonly sync: Sync;
}

/** Accounts enough for a state of several parts. */
export const severalParts = 5000;

/** Whole nodes without RPC in one process, on real sockets and real databases; `close` ends them all. */
export function syncNet(accounts = 0) {
  const cores = testNodes(genesisWith(accounts));
  const hosts = new Hosts();
  const running = new Set<SyncNode>();
  return {
    hosts,
    /** A node of this name without a network: one that makes blocks beforehand, or looks at what another left. */
    async member(name: string): Promise<Member> {
      const core = await cores.node(name);
      const keys = new Keystore();
      if (name === "author") keys.add("gran", "//Alice");
      const { chain, database } = core;
      const finality = startFinality({ gossipMs: 1 }, { chain, database, keys });
      return {
        ...core,
        finality,
        async close() {
          await finality.stop();
          await core.close();
        },
      };
    },
    async node(name: string, { mode = "full", log = silentLog }: NodeSetup = {}): Promise<SyncNode> {
      const member = await this.member(name);
      const { chain, database, finality, slotMs } = member;
      const told = ({ hash, number }: typeof chain.best) => ({ hash: hashToBytes(hash), number });
      const status = { role: "full", best: told(chain.best), finalized: told(chain.finalized) } as const;
      const network = await hosts.start({ genesis: hashToBytes(chain.genesisHash), status });
      const queue = new ImportQueue(chain);
      const sync = await startSync(
        { mode, role: "full" },
        {
          ...{ chain, database, network, queue, log },
          consensus: pohConsensus({ slotMs, clock: undefined }),
          finality: {
            importJustification: (...proof) => finality.importJustification(...proof),
            trail: finalityTrail(chain, database),
          },
        },
      );
      const node: SyncNode = {
        ...member,
        ...{ network, queue, sync },
        async close() {
          running.delete(node);
          await sync.stop();
          await network.stop();
          queue.close();
          await member.close();
        },
      };
      running.add(node);
      return node;
    },
    /** A host that serves the chain of `member` as `tweak` changes it. */
    async liar({ chain }: Member, tweak: Partial<Served> & Lies = {}): Promise<Network> {
      const told = ({ hash, number }: typeof chain.best) => ({ hash: hashToBytes(hash), number });
      const honest = { role: "full", best: told(chain.best), finalized: told(chain.finalized) } as const;
      const network = await hosts.start({
        genesis: hashToBytes(chain.genesisHash),
        status: { ...honest, ...(tweak.best && { best: tweak.best }) },
      });
      const served: Served = {
        header: (hash) => chain.header(hash),
        body: (hash) => chain.body(hash),
        justifications: (hash) => chain.justifications(hash),
        hashAt: (number) => chain.hashAt(number),
        stateAt: (hash) => chain.stateAt(hash),
        ...tweak,
      };
      const handle: Network["handle"] = (protocol, answer) =>
        network.handle(protocol, tweak.silentOn === protocol ? () => new Promise(() => undefined) : answer);
      await serveChain({ handle }, served, tweak.trail);
      return network;
    },
    connect: (from: { network: Network }, to: { network: Network }) => connect(from.network, to.network),
    /** A pause in which nothing is expected to happen. */
    rest: (ms = 300) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    async close(): Promise<void> {
      for (const node of running) await node.close();
      await hosts.stop();
      await cores.close();
    },
  };
}

export type SyncNet = ReturnType<typeof syncNet>;

/** What a node serves to its peers. */
export type Served = Parameters<typeof serveChain>[1];

interface Lies {
  /** What its status tells. */
  readonly best?: Status["best"];
  readonly trail?: FinalityTrail;
  /** Takes such requests and never answers. */
  readonly silentOn?: Protocol;
}

/** Done when a condition holds that the best or the final block of a node decides. */
export function reached({ chain }: TestNode, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      chain.events.off("best", check);
      chain.events.off("finalized", check);
      resolve();
    };
    chain.events.on("best", check);
    chain.events.on("finalized", check);
    check();
  });
}

/** Makes blocks; in every third Bob pays somebody, and in the first of them Alice bonds more, so that voters change. */
export async function grow(node: TestNode, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { number } = node.chain.best;
    if (number % 3 === 0) await node.submit(node.pay(bob, number / 3, mai));
    if (i === 0) {
      const more = { type: "TrainerStaking", value: { type: "bond_extra", value: { value: mai } } };
      await node.submit(node.sign(alice, more, bonds.get(node.chain) ?? 0));
      bonds.set(node.chain, (bonds.get(node.chain) ?? 0) + 1);
    }
    const { number: made } = await node.seal();
    if (node.chain.finalized.number < made) await reached(node, () => node.chain.finalized.number >= made);
  }
}

const bonds = new WeakMap<object, number>();
