import { type Command, InvalidArgumentError, Option } from "commander";
import { openStore, type Store, type StoreOptions } from "../storage/store.ts";

/** How addresses are read and objects stored; S3 is configured by its own usual environment. */
export interface StorageFlags {
  readonly ipfsListen?: readonly string[];
  readonly ipfsAnnounce?: readonly string[];
  readonly ipfsPeers?: readonly string[];
  readonly ipfsRpc?: string;
  readonly innerNetwork?: boolean;
}

/** Adds them to a command. */
export const storageOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--ipfs-listen <multiaddr,...>",
        "where the embedded IPFS node listens while the command runs",
      )
        .env("MATRIXAI_IPFS_LISTEN")
        .argParser(multiaddresses),
    )
    .addOption(
      new Option(
        "--ipfs-announce <multiaddr,...>",
        "IP addresses to tell others instead of those listened at",
      )
        .env("MATRIXAI_IPFS_ANNOUNCE")
        .argParser(multiaddresses),
    )
    .addOption(
      new Option("--ipfs-peers <multiaddr,...>", "IPFS nodes to be connected to")
        .env("MATRIXAI_IPFS_PEERS")
        .argParser(multiaddresses),
    )
    .addOption(
      new Option("--ipfs-rpc <url>", "RPC address of a Kubo node, used in place of the embedded one")
        .env("MATRIXAI_IPFS_RPC")
        .argParser(webAddress),
    )
    .addOption(
      new Option(
        "--inner-network",
        "addresses inside this network are read, and told to others: for a network of your own",
      ).env("MATRIXAI_INNER_NETWORK"),
    );

/** The same for {@link openStore}. */
export function storeOptions(flags: StorageFlags): StoreOptions {
  const { ipfsListen: listen, ipfsAnnounce: announce, ipfsPeers: peers, ipfsRpc: rpc } = flags;
  const inner = flags.innerNetwork === true;
  return {
    web: { inner, plain: inner },
    ipfs: rpc === undefined ? { listen, announce, peers, inner } : { rpc },
  };
}

/** An IPFS node that serves what commands of this user stored, where flags say that it listens; until it is closed. */
export async function servingStore(flags: StorageFlags): Promise<Store | undefined> {
  if (flags.ipfsListen === undefined) return undefined;
  const store = openStore(storeOptions(flags));
  await store.ipfsAddresses();
  return store;
}

function multiaddresses(text: string): string[] {
  const all = text.split(",").map((each) => each.trim());
  const wrong = all.find((each) => !/^\/(ip4|ip6|dns|dns4|dns6)\/\S{1,256}$/.test(each));
  if (wrong === undefined) return all;
  throw new InvalidArgumentError("Multiaddresses are needed, such as /ip4/203.0.113.7/tcp/4001.");
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError("An address such as http://127.0.0.1:5001 is needed.");
}
