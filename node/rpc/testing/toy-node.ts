/**
 * A node whose chain, states, database, pool and server are the real ones, and whose rules are a few lines:
 * an extrinsic sets one key, which lets tests make forks and any content they need.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimeVersion } from "../../../runtime/frame/runtime-version.ts";
import { Chain } from "../../chain/chain.ts";
import type { Hash } from "../../chain/hash.ts";
import { type FinalityRule, finalityOnRequest } from "../../chain/rules.ts";
import { buildToy, executeToy, put, toyGenesis, toyParts } from "../../chain/testing/toy-runtime.ts";
import { Database } from "../../db/database.ts";
import type { Finality } from "../../finality/types.ts";
import { silentLog } from "../../log/log.ts";
import { Pool } from "../../pool/pool.ts";
import type { RuntimeRefusal } from "../../pool/runtime-validator.ts";
import type { Validate } from "../../pool/types.ts";
import { StateDb } from "../../state/state-db.ts";
import { createMethods } from "../methods.ts";
import { RpcServer } from "../server/server.ts";
import { TestClient } from "../server/testing/client.ts";
import type { RuntimeCalls, Services } from "../services.ts";

export interface ToyNode {
  readonly chain: Chain;
  readonly pool: Pool<RuntimeRefusal>;
  readonly services: Services;
  readonly url: string;
  /** A client that is closed with the node. */
  connect(): Promise<TestClient>;
  /** Imports a block on `parent` that sets one key; answers its hash. */
  extend(parent: Hash, key: number, value: string, salt?: number): Promise<Hash>;
  /** Imports a block with these extrinsics on the best one. */
  include(...extrinsics: readonly Uint8Array[]): Promise<Hash>;
  stop(): Promise<void>;
}

export interface ToyOptions {
  readonly pruning?: number | "archive";
  readonly finality?: FinalityRule;
  readonly validate?: Validate<RuntimeRefusal>;
  /** Starts what makes blocks final by votes; ended with the node. */
  readonly startFinality?: (chain: Chain, database: Database) => Finality;
}

const version: RuntimeVersion = {
  spec_name: "toy",
  impl_name: "toy-node",
  authoring_version: 1,
  spec_version: 7,
  impl_version: 2,
  apis: [[Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 3]],
  transaction_version: 4,
  system_version: 1,
};

/** `Toy_read` gives what a key holds; every account's nonce is 0. */
const runtime: RuntimeCalls = {
  version,
  metadata: (_storage, of) => Uint8Array.of(0x6d, 0x65, 0x74, 0x61, of),
  callApi(storage, method, args) {
    if (method === "AccountNonceApi_account_nonce") return new Uint8Array(4);
    if (method !== "Toy_read") throw new Error(`Exported method ${method} is not found`);
    return storage.get(args) ?? new Uint8Array(0);
  },
  executeBlock: (storage, block) => executeToy(storage, block, () => true),
};

/** Everything is valid and provides its own bytes. */
const anything: Validate<RuntimeRefusal> = async (bytes) => ({
  type: "valid",
  value: { priority: 1n, requires: [], provides: [bytes], longevity: 64n, propagate: true },
});

export async function startToyNode(options: ToyOptions = {}): Promise<ToyNode> {
  const path = await mkdtemp(join(tmpdir(), "rpc-"));
  const database = await Database.open(join(path, "db"));
  const states = await StateDb.open(database, { pruning: options.pruning ?? "archive" });
  const finality = options.finality ?? finalityOnRequest;
  const chain = await Chain.open(toyGenesis, toyParts({ database, states, finality }));
  const pool = new Pool<RuntimeRefusal>({}, { chain, validate: options.validate ?? anything });
  const voting = options.startFinality?.(chain, database);
  const services = { chain, pool, runtime, ...surroundings(chain), ...(voting && { finality: voting }) };
  const methods = createMethods(services);
  const server = new RpcServer({ port: 0 }, { methods, log: silentLog, health: services.network.health });
  const url = `ws://127.0.0.1:${await server.start()}`;
  const clients: TestClient[] = [];

  const importOn = async (parent: Hash, extrinsics: readonly Uint8Array[], salt = 0) => {
    const result = await chain.import(buildToy(chain, parent, extrinsics, salt), "network");
    if (result.type !== "imported") throw new Error(`not imported: ${JSON.stringify(result)}`);
    return result.hash;
  };
  return {
    chain,
    pool,
    services,
    url,
    async connect() {
      const client = await TestClient.open(url);
      clients.push(client);
      return client;
    },
    extend: (parent, key, value, salt) => importOn(parent, [put(key, value)], salt),
    include: (...extrinsics) => importOn(chain.best.hash, extrinsics),
    async stop() {
      for (const client of clients) client.close();
      await server.stop();
      await voting?.stop();
      await pool.close();
      await chain.close();
      await database.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** What a node alone says of itself. */
function surroundings(chain: Chain): Omit<Services, "chain" | "pool" | "runtime"> {
  const kept = new Map<string, Uint8Array>();
  const keyOf = (key: Uint8Array) => Buffer.from(key).toString("hex");
  return {
    log: silentLog,
    spec: { name: "Toy", chainType: { Custom: "Toy" }, properties: { tokenSymbol: "TOY" } },
    node: {
      implementation: "toy",
      version: "1.2.3",
      role: "Full",
      addLogFilter(directives) {
        if (!directives.includes("=")) throw new Error(`"${directives}" is no filter`);
      },
      resetLogFilter() {},
    },
    network: {
      peerId: "12D3KooWToy",
      listenAddresses: () => [],
      peers: () => [],
      reservedPeers: () => [],
      addReservedPeer: () => Promise.reject(new Error("no peer id in the address")),
      removeReservedPeer: async () => {},
      health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
      sync: () => ({ starting: 0, highest: 3 }),
    },
    keys: {
      insert: async (_type, secret) => {
        if (secret === "wrong") throw new Error("the secret does not give that public key");
      },
      has: async (type, publicKey) => type === "gran" && publicKey.length === 32,
      rotate: async () => new Uint8Array(32),
      rotateFor: async (owner) => {
        if (owner.length !== 32) throw new Error("the owner is no account");
        return { keys: new Uint8Array(32), proof: owner };
      },
      sessionKeys: (encoded) => (encoded.length === 32 ? [{ type: "gran", publicKey: encoded }] : undefined),
    },
    offchain: {
      get: (key) => kept.get(keyOf(key)),
      set: (key, value) => void kept.set(keyOf(key), value),
      delete: (key) => void kept.delete(keyOf(key)),
    },
    sealer: {
      seal: async ({ allowEmpty, finalize, parent = chain.best.hash }) => {
        if (!allowEmpty) throw new Error("there is nothing to put into a block");
        const result = await chain.import(
          buildToy(chain, parent, [put(9, String(chain.best.number))]),
          "own",
        );
        if (result.type !== "imported") throw new Error("not imported");
        if (finalize) await chain.finalize(result.hash);
        return { hash: result.hash, isBest: result.isBest };
      },
      finalize: async (hash) => {
        const refusal = await chain.finalize(hash);
        if (refusal) throw new Error(refusal.message);
      },
    },
  };
}
