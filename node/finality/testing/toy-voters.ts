/**
 * Nodes that vote with real keys and signatures on real chains. Their blocks set single keys; one of the keys says
 * which of a few sets votes next.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyringPair } from "@polkadot/keyring/types";
import { encode } from "../../../runtime/primitives/codec.ts";
import { type AuthorityList, consensusLog, grandpaEngine } from "../../../runtime/primitives/grandpa.ts";
import { Chain } from "../../chain/chain.ts";
import type { Hash } from "../../chain/hash.ts";
import { finalityOnRequest } from "../../chain/rules.ts";
import { buildToy, put, toyGenesis, toyParts } from "../../chain/testing/toy-runtime.ts";
import type { Block, Head } from "../../chain/types.ts";
import { Database } from "../../db/database.ts";
import { Keystore } from "../../keystore/keystore.ts";
import { keyPair } from "../../keystore/secret.ts";
import { StateDb } from "../../state/state-db.ts";
import type { ReadAuthorities } from "../authority-sets.ts";
import { startFinality } from "../finality.ts";
import type { FinalityComponents, FinalityOptions } from "../options.ts";
import type { Finality, FinalityNetwork } from "../types.ts";

/** The ed25519 key of a test account, such as `Alice`. */
export const votingKey = (name: string): KeyringPair => keyPair(`//${name}`, "ed25519");

/** A set of voters by their names; each weighs 1 unless told. */
export const authoritiesOf = (weights: Readonly<Record<string, number>>): AuthorityList =>
  Object.entries(weights).map(([name, weight]) => [votingKey(name).publicKey, BigInt(weight)] as const);

/** Under this key a state says which set votes. */
const setKey = Uint8Array.of(7);

export interface ToyVoterOptions extends FinalityOptions {
  /** Whose key the node has; it only follows without. */
  readonly name?: string;
  /** By number; a chain begins with set 0. */
  readonly sets: readonly AuthorityList[];
  readonly network?: FinalityNetwork;
  readonly parts?: Partial<FinalityComponents>;
  /** Folder of an earlier node, to go on with it. */
  readonly folder?: string;
}

export interface ToyVoter {
  readonly chain: Chain;
  readonly database: Database;
  readonly finality: Finality;
  readonly folder: string;
  /** Blocks that this node proved final, in order. */
  readonly proven: { readonly number: number; readonly justification: Uint8Array }[];
  /** Imports blocks on `parent`, or on the best one; the last one's hash. */
  extend(count: number, options?: { parent?: Hash; salt?: number; set?: number }): Promise<Hash>;
  import(block: Block): Promise<void>;
  /** The block by its hash, for others to import. */
  block(hash: Hash): Block;
  /** Ends it; its folder stays if `keep`. */
  stop(keep?: boolean): Promise<void>;
}

export async function startToyVoter(options: ToyVoterOptions): Promise<ToyVoter> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "finality-"));
  const database = await Database.open(join(folder, "db"));
  const states = await StateDb.open(database, { pruning: "archive" });
  const chain = await Chain.open(toyGenesis, toyParts({ database, states, finality: finalityOnRequest }));
  const keys = new Keystore();
  if (options.name !== undefined) keys.add("gran", `//${options.name}`);
  const readAuthorities: ReadAuthorities = (storage) => {
    const set = Number(Buffer.from(storage.get(setKey) ?? []).toString() || 0);
    return { setId: BigInt(set), authorities: options.sets[set]! };
  };
  const { gossipMs = 30, justificationPeriod = 512, network } = options;
  const finality = startFinality(
    { gossipMs, justificationPeriod },
    { chain, database, keys, network, readAuthorities, ...options.parts },
  );
  const proven: { number: number; justification: Uint8Array }[] = [];
  finality.onJustification(({ number, justification }) => void proven.push({ number, justification }));
  return {
    chain,
    database,
    finality,
    folder,
    proven,
    async extend(count, { parent = chain.best.hash, salt = 0, set } = {}) {
      let head = parent;
      for (let i = 0; i < count; i++) {
        const value = `${chain.header(head)!.number}.${salt}`;
        const changes = set !== undefined && i === count - 1;
        const extrinsics = changes ? [put(1, value), put(7, String(set))] : [put(1, value)];
        const built = buildToy(chain, head, extrinsics, salt);
        const announced = changes ? [announce(options.sets[set]!)] : [];
        const block = {
          ...built,
          header: { ...built.header, digest: [...built.header.digest, ...announced] },
        };
        const result = await chain.import(block, "network");
        if (result.type === "refused") throw new Error(result.message);
        head = result.hash;
      }
      return head;
    },
    async import(block) {
      const result = await chain.import(block, "network");
      if (result.type === "refused") throw new Error(result.message);
    },
    block: (hash) => ({ header: chain.header(hash)!, extrinsics: chain.body(hash)! }),
    async stop(keep = false) {
      await finality.stop();
      await chain.close();
      await database.close();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when a node has made a block of this height final. */
export function isFinal({ chain, finality }: ToyVoter, number: number): Promise<Head> {
  if (chain.finalized.number >= number) return Promise.resolve(chain.finalized);
  const reached = new Promise<Head>((resolve) => {
    const listener = (head: Head): void => {
      if (head.number < number) return;
      chain.events.off("finalized", listener);
      resolve({ hash: head.hash, number: head.number });
    };
    chain.events.on("finalized", listener);
  });
  return Promise.race([reached, finality.failed]);
}

const announce = (next: AuthorityList) =>
  ({
    type: "Consensus",
    value: [
      grandpaEngine,
      encode(consensusLog, { type: "ScheduledChange", value: { next_authorities: next, delay: 0 } }),
    ],
  }) as const;
