import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { defaultBasePath } from "../../../node/keystore/data-folders.ts";
import { readSecret } from "../../../node/keystore/read-secret.ts";
import { ChainClient } from "../../client/chain-client.ts";
import { signerOf } from "../../client/signer.ts";
import { describeMachine } from "../../hardware/describe.ts";
import { whetstone } from "../../hardware/whetstone.ts";
import { account } from "../chain/account.ts";
import { type ChainFlags, chainOptions, type SecretFlags, secretOptions } from "../chain/connection.ts";
import { exitCode, runCommand } from "../run-command.ts";
import { short } from "../terminal.ts";
import { accountChecks, nodeAt, nodeChecks } from "./chain.ts";
import { type Check, checkLine } from "./check.ts";
import { diskCheck, type KeyFile, keyFiles, portChecks } from "./local.ts";
import { machineLines, measureAll, measuredLine } from "./machine.ts";

interface Flags extends ChainFlags, SecretFlags {
  readonly quick?: boolean;
  readonly basePath: string;
  readonly account?: Uint8Array;
}

/** The node's ports where it is not told otherwise. */
const ports = { port: 30_333, "rpc-port": 9_944, "prometheus-port": 9_615 };

/** `doctor`: what this machine has and how fast, and what keeps it from making blocks and training. */
export function register(program: Command): void {
  const command = program
    .command("doctor")
    .summary("look at machine, node and account, and say what is wrong")
    .description(
      "Describes the machine, tries and measures every device and answers a small hardware challenge on it; looks at disk, ports, key files, the node, the clock, and the stake and balance of an account.",
    )
    .option("--quick", "describe only, measure nothing")
    .option(
      "--account <account>",
      "whose stake and balance; without it, the account of the secret, if one is given",
      account,
    )
    .addOption(
      new Option("-d, --base-path <folder>", "where the node keeps databases and keys")
        .env("MATRIXAI_BASE_PATH")
        .default(defaultBasePath()),
    );
  runCommand(secretOptions(chainOptions(command)), async ({ terminal }, flags: Flags) => {
    const machine = await describeMachine(tmpdir());
    const usable = machine.devices.filter((d) => d.usable);
    if (!flags.quick) terminal.note("measuring ...");
    const mflops = flags.quick ? undefined : whetstone().mflops;
    const measured = flags.quick ? [] : await measureAll(usable);
    const checks = await checksOf(flags);
    terminal.answer({ ...machine, whetstoneMflops: mflops, measured, checks }, [
      ...machineLines(machine),
      ...(mflops === undefined ? [] : [`Whetstone: ${short(mflops)} MFLOPS on one core`]),
      ...measured.map(measuredLine),
      ...checks.map(checkLine),
    ]);
    const isBad =
      usable.length === 0 ||
      measured.some((m) => m.challenge !== "rightly") ||
      checks.some(({ state }) => state === "bad");
    return isBad ? exitCode.unavailable : exitCode.ok;
  });
}

async function checksOf(flags: Flags): Promise<Check[]> {
  const basePath = resolve(flags.basePath);
  const [disk, files, node] = await Promise.all([diskCheck(basePath), keyFiles(basePath), nodeAt(flags.url)]);
  const chain = node instanceof ChainClient ? node : undefined;
  try {
    return [
      disk,
      ...(await portChecks(ports, chain !== undefined)),
      ...files.checks,
      ...(node instanceof ChainClient ? await askNode(node, flags, files.keys) : [node]),
    ];
  } finally {
    chain?.close();
  }
}

async function askNode(chain: ChainClient, flags: Flags, keys: readonly KeyFile[]): Promise<Check[]> {
  const who = await accountOf(flags);
  return [...(await nodeChecks(chain)), ...(who ? await accountChecks(chain, who, keys) : [])];
}

/** Whose account is looked at; nobody is asked for a secret here. */
async function accountOf(flags: Flags): Promise<Uint8Array | undefined> {
  if (flags.account) return flags.account;
  if (flags.secretFile === undefined && process.env.MATRIXAI_SECRET === undefined) return undefined;
  return (await signerOf(await readSecret(flags))).account;
}
