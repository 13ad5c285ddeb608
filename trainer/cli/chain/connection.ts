import { type Command, InvalidArgumentError, Option } from "commander";
import { readSecret } from "../../../node/keystore/read-secret.ts";
import { keyPair } from "../../../node/keystore/secret.ts";
import { ChainClient } from "../../client/chain-client.ts";
import { type Signer, signerOf } from "../../client/signer.ts";
import { type Context, runCommand } from "../run-command.ts";
import { listening } from "./listening.ts";

export interface ChainFlags {
  readonly url: string;
}

export interface SecretFlags {
  readonly secretFile?: string;
}

/** Adds the option that says which node is asked. */
export const chainOptions = (command: Command): Command =>
  command.addOption(
    new Option("--url <ws://...>", "WebSocket address of a node")
      .env("MATRIXAI_URL")
      .argParser(webSocket)
      .default("ws://127.0.0.1:9944"),
  );

/** Adds the option that says whose account signs. */
export const secretOptions = (command: Command): Command =>
  command.option(
    "--secret-file <file>",
    "file with the account's secret; without it, MATRIXAI_SECRET, or it is asked for",
  );

/** Runs a command with a connection to the node, which ends with it. */
export function runOnChain<Args extends unknown[]>(
  command: Command,
  work: (chain: ChainClient, context: Context, ...args: Args) => Promise<number | undefined>,
): Command {
  return runCommand(chainOptions(command), async (context, ...args: Args) => {
    const flags = args.at(-1) as ChainFlags;
    await listening(flags.url, context);
    const chain = await ChainClient.connect(flags.url, { signal: context.signal });
    try {
      return await work(chain, context, ...args);
    } finally {
      chain.close();
    }
  });
}

/** The account that signs. @throws SecretError. */
export async function signerFrom(flags: SecretFlags): Promise<Signer> {
  const secret = await readSecret(flags);
  keyPair(secret, "sr25519"); // says what is wrong with it
  return signerOf(secret);
}

/** The same where a secret is given by file or environment; it is not asked for. @throws SecretError. */
export const givenSigner = async (flags: SecretFlags): Promise<Signer | undefined> =>
  flags.secretFile === undefined && process.env.MATRIXAI_SECRET === undefined ? undefined : signerFrom(flags);

function webSocket(text: string): string {
  if (URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError("An address such as ws://127.0.0.1:9944 is needed.");
}
