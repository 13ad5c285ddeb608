import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { devTrainers } from "../../chain-spec/presets.ts";
import { testTrainers } from "../../chain-spec/test-trainers.ts";
import { pohKey } from "../consensus/poh-key.ts";
import { chainFolders, defaultBasePath } from "../keystore/data-folders.ts";
import { Keystore } from "../keystore/keystore.ts";
import { parseLevels } from "../log/levels.ts";
import { createLog } from "../log/log.ts";
import type { Sealing } from "../service/core.ts";
import { runUntilEnd } from "../service/run.ts";
import { type NodeOptions, startNode } from "../service/service.ts";
import { withTrainer } from "../service/with-trainer.ts";
import type { SyncMode } from "../sync/types.ts";
import { genesisOf, openSpec } from "./open-spec.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { addNetworkOptions, type NetworkArgs, networkOptions } from "./options/network.ts";
import { port, wholeNumber } from "./options/number.ts";
import { addPasswordOptions, type PasswordArgs, readPassword } from "./options/password.ts";
import { addRpcOptions, type RpcArgs, rpcOptions } from "./options/rpc.ts";
import { addTrainerOptions, type TrainerArgs, trainerSetup } from "./options/trainer.ts";
import { program } from "./program.ts";
import { UsageError } from "./usage-error.ts";

const testAuthors = ["alice", "bob", "charlie", "dave", "eve", "ferdie"] as const;
type TestAuthor = (typeof testAuthors)[number];

/** The trainers of `dev`, by their secrets. */
const devAuthors = testTrainers.slice(0, devTrainers).map(({ uri }) => uri);

type NodeArgs = ChainArgs &
  NetworkArgs &
  RpcArgs &
  TrainerArgs &
  PasswordArgs &
  Partial<Record<TestAuthor, boolean>> & {
    readonly dev: boolean;
    readonly tmp: boolean;
    readonly pruning: number | "archive";
    readonly sealing: Sealing;
    readonly sync: SyncMode;
    readonly prometheusPort: number;
    readonly prometheus: boolean;
    readonly log: string;
  };

/** `matrixai node`: the full node. */
export function register(parent: Command): void {
  const command = parent.command("node").description("run a node");
  command.option(
    "--dev",
    "a development chain of one node: --chain dev --rpc-cors all, the keys of all its trainers unless one is named, and " +
      "--tmp without --base-path",
    false,
  );
  addChainOptions(command).addOption(
    new Option("--tmp", "keep everything in a folder that is removed at the end")
      .default(false)
      .conflicts("basePath"),
  );
  for (const name of testAuthors)
    command.option(`--${name}`, `make blocks with the key of the test account //${title(name)}`);
  addNetworkOptions(command);
  addRpcOptions(command);
  addTrainerOptions(command);
  addPasswordOptions(command)
    .addOption(
      new Option("--pruning <blocks>", "states to keep behind the finalized block, or `archive`")
        .argParser((text) => (text === "archive" ? text : wholeNumber(1, 1_000_000)(text)))
        .default(256)
        .env("MATRIXAI_PRUNING"),
    )
    .addOption(
      new Option(
        "--sealing <when>",
        "when blocks are made: in each slot, for each transaction, or by engine_createBlock",
      )
        .choices(["slots", "instant", "manual"])
        .default("slots")
        .env("MATRIXAI_SEALING"),
    )
    .addOption(
      new Option(
        "--sync <mode>",
        "execute every block since genesis, or begin with a state that the voters finalized",
      )
        .choices(["full", "fast"])
        .default("full")
        .env("MATRIXAI_SYNC"),
    )
    .addOption(
      new Option("--prometheus-port <port>", "port of the metrics, on this machine only; 0 takes a free one")
        .argParser(port)
        .default(9615)
        .env("MATRIXAI_PROMETHEUS_PORT"),
    )
    .option("--no-prometheus", "serve no metrics")
    .addOption(
      new Option("-l, --log <filter>", "levels: LEVEL or TARGET=LEVEL, with commas")
        .default("info")
        .env("MATRIXAI_LOG"),
    )
    .action((args: NodeArgs) => run(args));
}

async function run(args: NodeArgs): Promise<void> {
  const log = createLog({ levels: parseLevels(args.log) });
  const chain = args.chain ?? (args.dev ? "dev" : undefined);
  if (chain === undefined) throw new UsageError("say which chain: --dev, or --chain dev, local or FILE");
  const spec = openSpec(chain);
  const isTemporary = args.tmp || (args.dev && args.basePath === undefined);
  const basePath = isTemporary
    ? mkdtempSync(join(tmpdir(), "matrixai-"))
    : (args.basePath ?? defaultBasePath());
  const folders = chainFolders(basePath, spec.id);
  const authors = testAuthorsOf(args);
  const trainer = trainerSetup(args, authors[0]);
  const keys = new Keystore({ folder: folders.keystore, password: await readPassword(args) });
  // However the process ends, a second signal included.
  if (isTemporary) process.once("exit", () => rmSync(basePath, { recursive: true, force: true }));
  for (const uri of authors) keys.add("poh_", uri);
  if (authors[0] !== undefined) keys.add("gran", authors[0]);
  const options: NodeOptions = {
    spec,
    genesis: genesisOf(spec),
    path: folders.database,
    pruning: args.pruning,
    sealing: args.sealing,
    sync: args.sync,
    network: {
      ...networkOptions(args, { ...spec, isDev: spec.chainType === "Development" }, program),
      folder: folders.network,
    },
    pohKeys: () => keys.all("poh_").map(pohKey),
    keys,
    rpc: rpcOptions(args, args.dev),
    metrics: args.prometheus ? { port: args.prometheusPort } : undefined,
    program,
    log,
  };
  const start = async () => {
    const node = await startNode(options);
    if (trainer === undefined) return node;
    const commandOn = trainerCommand(trainer.config, folders.trainer);
    return withTrainer(node, { secret: trainer.secret, commandOn, log: log.child("trainer") });
  };
  process.exitCode = await runUntilEnd(start, log);
}

/**
 * The test account that is named. On a development chain where none is, all trainers of `dev`: with the keys of them all
 * for blocks no slot is empty. The first one votes; there it is Alice, who decides.
 */
function testAuthorsOf(args: NodeArgs): readonly string[] {
  const named = testAuthors.filter((name) => args[name]);
  if (named.length > 1)
    throw new UsageError(`a node has one author, not ${named.map((n) => `--${n}`).join(" and ")}`);
  return named.length > 0 ? named.map((name) => `//${title(name)}`) : args.dev ? devAuthors : [];
}

/** The command that runs a trainer's daemon on this machine's node. */
const trainerCommand =
  (config: string | undefined, folder: string) =>
  (url: string): [string, ...string[]] => [
    process.execPath,
    ...process.execArgv,
    process.argv[1]!,
    ...["trainer", "run", "--url", url, "--folder", folder],
    ...(config === undefined ? [] : ["--config", config]),
  ];

const title = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
