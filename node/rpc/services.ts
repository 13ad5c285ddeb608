/** What the methods need of the node: ports that `node/service` fills, each method file taking only its own. */

import type { RuntimeVersion } from "../../runtime/frame/runtime-version.ts";
import type { Overlay } from "../../runtime/primitives/overlay.ts";
import type { Hash } from "../chain/hash.ts";
import type { Block, ChainReader } from "../chain/types.ts";
import type { Log } from "../log/log.ts";
import type { RuntimeRefusal } from "../pool/runtime-validator.ts";
import type { PoolApi } from "../pool/types.ts";
import type { FinalityReader } from "./grandpa.ts";
import type { Health } from "./server/http.ts";

export interface Services {
  readonly chain: ChainReader;
  readonly pool: PoolApi<RuntimeRefusal>;
  readonly runtime: RuntimeCalls;
  readonly spec: SpecInfo;
  readonly node: NodeInfo;
  readonly network: NetworkInfo;
  readonly keys: KeyService;
  readonly offchain: OffchainStorage;
  /** Present where blocks are made when asked for. */
  readonly sealer?: Sealer;
  /** Present where voters make blocks final. */
  readonly finality?: FinalityReader;
  readonly log: Log;
}

/** The runtime's functions for readers; `storage` is an overlay over the state that is asked about, thrown away after. */
export interface RuntimeCalls {
  readonly version: RuntimeVersion;
  /** Encoded metadata, with its magic number and without a length in front. */
  metadata(storage: Overlay, version: 14 | 15 | 16): Uint8Array;
  /** Calls a runtime API by its name, such as `Core_version`. @throws Error with a message for the caller. */
  callApi(storage: Overlay, method: string, args: Uint8Array): Uint8Array;
  /** Executes a block that was imported before, so without looking at its signatures again. */
  executeBlock(storage: Overlay, block: Block): void;
}

/** What the chain spec says to clients. */
interface SpecInfo {
  readonly name: string;
  /** "Development", "Local", "Live" or `{ Custom: "..." }`. */
  readonly chainType: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface NodeInfo {
  readonly implementation: string;
  readonly version: string;
  /** `Authority` makes blocks, `Full` follows. */
  readonly role: "Authority" | "Full";
  addLogFilter(directives: string): void;
  resetLogFilter(): void;
}

interface Peer {
  readonly peerId: string;
  readonly roles: string;
  readonly bestHash: Hash;
  readonly bestNumber: number;
}

/** What the network part knows; without a network, a node alone. */
export interface NetworkInfo {
  readonly peerId: string;
  listenAddresses(): readonly string[];
  peers(): readonly Peer[];
  reservedPeers(): readonly string[];
  /** @throws Error when `address` is no multiaddress with a peer id. */
  addReservedPeer(address: string): Promise<void>;
  removeReservedPeer(peerId: string): Promise<void>;
  health(): Health;
  /** Heights: where this run began, and the highest that peers told of. */
  sync(): { readonly starting: number; readonly highest: number };
}

/** The keys that this node signs with, by four-letter type. */
export interface KeyService {
  /** @throws Error when the secret does not give that public key. */
  insert(type: string, secret: string, publicKey: Uint8Array): Promise<void>;
  has(type: string, publicKey: Uint8Array): Promise<boolean>;
  /** Makes a new key of each session type; the public keys in the order of the runtime's session keys. */
  rotate(): Promise<Uint8Array>;
  /** `rotate`, with the proof that they are `owner`'s, an account. @throws Error when `owner` is none. */
  rotateFor(owner: Uint8Array): Promise<{ readonly keys: Uint8Array; readonly proof: Uint8Array }>;
  /** Splits encoded session keys; undefined when they are not such. */
  sessionKeys(
    encoded: Uint8Array,
  ): readonly { readonly type: string; readonly publicKey: Uint8Array }[] | undefined;
}

/** Small values that survive a restart and are no part of the chain. */
interface OffchainStorage {
  get(key: Uint8Array): Uint8Array | undefined;
  set(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
}

interface SealedBlock {
  readonly hash: Hash;
  readonly isBest: boolean;
}

export interface Sealer {
  /** Makes a block on `parent`, or on the best one. @throws Error that says why there is none. */
  seal(options: {
    readonly allowEmpty: boolean;
    readonly finalize: boolean;
    readonly parent?: Hash | undefined;
  }): Promise<SealedBlock>;
  /** @throws Error when the block is unknown or not on the finalized chain. */
  finalize(hash: Hash): Promise<void>;
}
