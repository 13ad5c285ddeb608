/** Nodes of a local network on this machine, each with its own keys, ports and folder. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChainSpec } from "../../chain-spec/chain-spec.ts";
import { devSpec, localSpec } from "../../chain-spec/presets.ts";
import { printChainSpec } from "../../chain-spec/spec-file.ts";
import { peerIdOfSecret } from "../../node/network/peer-id.ts";
import { genesisFields } from "../../runtime/genesis.ts";
import type { Child, Children } from "./children.ts";
import { writeTrainerConfig } from "./trainer-config.ts";

export interface LocalNode {
  readonly name: string;
  /** HTTP address of its RPC. */
  readonly rpc: string;
  readonly child: Child;
}

/** Of the first node; the others have the numbers after them. */
export interface FirstPorts {
  readonly rpc: number;
  readonly peers: number;
  readonly metrics: number;
}

export interface LocalNetwork {
  /** Folder of everything. */
  readonly base: string;
  /** Whose nodes, at most the six of the test trainers, in their order. */
  readonly names: readonly string[];
  readonly ports: FirstPorts;
  /** Folder of `file:` storage; each node runs the daemon of its trainer where it is given. */
  readonly storage?: string;
}

/** Writes the chain's specification and starts its nodes. */
export async function startLocalNodes(children: Children, network: LocalNetwork): Promise<LocalNode[]> {
  const { base, names, ports, storage } = network;
  const spec = join(base, `local-${names.length}${storage === undefined ? "" : "-fast"}.json`);
  // With fewer nodes than trainers in genesis nothing would become final, so the chain is that of this many.
  const chain = storage === undefined ? localSpec(names.length) : fastSpec(names.length);
  writeFileSync(spec, printChainSpec(chain, genesisFields));
  const peers = await Promise.all(
    names.map((_, index) => peerIdOfSecret(Buffer.from(nodeKey(index), "hex"))),
  );
  const addresses = peers.map((peer, index) => `/ip4/127.0.0.1/tcp/${ports.peers + index}/p2p/${peer}`);
  return names.map((name, index) => {
    const args = [
      ...["node", "--chain", spec, "--base-path", join(base, name), `--${name}`, "--name", name],
      ...["--port", String(ports.peers + index), "--rpc-port", String(ports.rpc + index)],
      ...["--prometheus-port", String(ports.metrics + index), "--node-key", nodeKey(index)],
      // Another such network near by has the same chain and keys: its nodes must not be found.
      ...["--no-mdns", ...(index > 0 ? ["--bootnodes", ...addresses.slice(0, index)] : [])],
      ...(storage === undefined
        ? []
        : ["--trainer", "--trainer-config", writeTrainerConfig(join(base, name), storage)]),
    ];
    return { name, rpc: `http://127.0.0.1:${ports.rpc + index}`, child: children.start(name, args) };
  });
}

/** An identity that is the same at each start. Everybody knows it: fit for one machine only. */
function nodeKey(index: number): string {
  return (index + 1).toString(16).padStart(64, "0");
}

/** Slots in ms for nodes that share a machine with training. */
const slotMs = 3_000n;

/** The local chain with the short windows and epochs of `dev`, for those who watch; all its trainers decide together. */
function fastSpec(count: number): ChainSpec {
  const [local, dev] = [localSpec(count), devSpec(count)];
  if (local.genesis.type !== "config" || dev.genesis.type !== "config")
    throw new Error("presets are written as configuration");
  const { TrainerStaking = {} } = local.genesis.config;
  const config = { ...dev.genesis.config, TrainerStaking, Timestamp: { minimumPeriod: slotMs / 2n } };
  return { ...local, id: "local_fast", genesis: { type: "config", config } };
}
