import type { GenesisConfig } from "../runtime/genesis.ts";
import type { Json } from "./json-text.ts";

/** What tells one chain from another, and what its first state is. The file format is Substrate's. */
export interface ChainSpec {
  readonly name: string;
  /** Short and lasting: part of the database's path. */
  readonly id: string;
  readonly chainType: ChainType;
  /** Multiaddresses with a peer id. */
  readonly bootNodes: readonly string[];
  /** Tells forks of one genesis apart on the network. */
  readonly forkId: string | undefined;
  readonly properties: Properties;
  readonly genesis: Genesis;
}

/** Wallets offer the well-known test accounts on `Development` and `Local`. */
export type ChainType = "Development" | "Local" | "Live" | { readonly Custom: string };

/** What wallets show; further properties are passed on as they are. */
export interface Properties {
  readonly ss58Format: number;
  readonly tokenDecimals: number;
  readonly tokenSymbol: string;
  readonly [key: string]: Json;
}

/** `config` is what people write; `raw` are the storage entries themselves. */
export type Genesis =
  | { readonly type: "config"; readonly config: GenesisConfig }
  | { readonly type: "raw"; readonly top: readonly (readonly [key: Uint8Array, value: Uint8Array])[] };
