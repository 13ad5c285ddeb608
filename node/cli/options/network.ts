import { type Command, Option } from "commander";
import { defaultLimits, defaultListen, type NetworkOptions } from "../../network/options.ts";
import { UsageError } from "../usage-error.ts";
import { port, wholeNumber } from "./number.ts";

export interface NetworkArgs {
  readonly name?: string;
  readonly port: number;
  readonly listenAddr?: readonly string[];
  readonly publicAddr?: readonly string[];
  readonly bootnodes?: readonly string[];
  readonly reservedNodes?: readonly string[];
  readonly reservedOnly: boolean;
  readonly nodeKey?: string;
  readonly nodeKeyFile?: string;
  readonly inPeers: number;
  readonly outPeers: number;
  readonly mdns?: boolean;
}

export const addNetworkOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--name <name>", "what peers are told that this node is called").env("MATRIXAI_NAME"),
    )
    .addOption(
      new Option("--port <port>", "port for other nodes, of all interfaces; 0 takes a free one")
        .argParser(port)
        .default(30333)
        .env("MATRIXAI_PORT"),
    )
    .addOption(
      new Option(
        "--listen-addr <multiaddr...>",
        "listen here instead, such as /ip4/0.0.0.0/tcp/30334/ws",
      ).env("MATRIXAI_LISTEN_ADDR"),
    )
    .addOption(
      new Option(
        "--public-addr <multiaddr...>",
        "addresses to tell others, where a router translates them",
      ).env("MATRIXAI_PUBLIC_ADDR"),
    )
    .addOption(
      new Option("--bootnodes <multiaddr...>", "nodes to begin with, besides those of the specification").env(
        "MATRIXAI_BOOTNODES",
      ),
    )
    .addOption(
      new Option("--reserved-nodes <multiaddr...>", "nodes to stay connected with, beyond all limits").env(
        "MATRIXAI_RESERVED_NODES",
      ),
    )
    .option("--reserved-only", "connect with reserved nodes only", false)
    .addOption(
      new Option(
        "--node-key <hex>",
        "this node's identity, 32 bytes: for tests, because other users can read it",
      )
        .conflicts("nodeKeyFile")
        .env("MATRIXAI_NODE_KEY"),
    )
    .addOption(
      new Option("--node-key-file <file>", "file with this node's identity, 32 bytes raw or as hex").env(
        "MATRIXAI_NODE_KEY_FILE",
      ),
    )
    .addOption(
      new Option("--in-peers <count>", "connections that others may begin")
        .argParser(wholeNumber(0, 10_000))
        .default(defaultLimits.maxIn)
        .env("MATRIXAI_IN_PEERS"),
    )
    .addOption(
      new Option("--out-peers <count>", "connections that this node begins")
        .argParser(wholeNumber(0, 10_000))
        .default(defaultLimits.maxOut)
        .env("MATRIXAI_OUT_PEERS"),
    )
    .option("--mdns", "find nodes of the same chain in the local network (default, except on dev)")
    .option("--no-mdns", "find no nodes by mDNS");

/** What the flags say of the network; the rest follows from the chain. */
export function networkOptions(
  args: NetworkArgs,
  chain: {
    readonly isDev: boolean;
    readonly bootNodes: readonly string[];
    readonly forkId: string | undefined;
  },
  program: { readonly name: string; readonly version: string },
): Omit<NetworkOptions, "genesis" | "status"> {
  if (args.name !== undefined && !/^[\p{L}\p{N} ._-]{1,64}$/u.test(args.name))
    throw new UsageError("a node's name has 1 to 64 letters, digits, spaces, dots, dashes and underscores");
  if (args.nodeKey !== undefined && !/^(0x)?[0-9a-fA-F]{64}$/.test(args.nodeKey))
    throw new UsageError("--node-key takes 32 bytes as 64 hexadecimal digits");
  const agent = `${program.name}/${program.version}`;
  return {
    agent: args.name === undefined ? agent : `${agent} (${args.name})`,
    listen: args.listenAddr ?? defaultListen(args.port),
    announce: args.publicAddr ?? [],
    bootnodes: [...chain.bootNodes, ...(args.bootnodes ?? [])],
    reserved: args.reservedNodes ?? [],
    reservedOnly: args.reservedOnly,
    ...(chain.forkId !== undefined && { forkId: chain.forkId }),
    ...(args.nodeKey !== undefined && { nodeKey: { type: "hex", secret: args.nodeKey.replace(/^0x/, "") } }),
    ...(args.nodeKeyFile !== undefined && { nodeKey: { type: "file", path: args.nodeKeyFile } }),
    // Two development nodes in one network would both be Alice, and be punished for it.
    mdns: args.mdns ?? !chain.isDev,
    kademlia: !chain.isDev,
    limits: { maxIn: args.inPeers, maxOut: args.outPeers },
  };
}
