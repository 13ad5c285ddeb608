import { decodeAddress, encodeAddress, isAddress, mnemonicGenerate } from "@polkadot/util-crypto";
import { type Command, Option } from "commander";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { chainFolders, defaultBasePath } from "../keystore/data-folders.ts";
import { Keystore } from "../keystore/keystore.ts";
import { readSecret } from "../keystore/read-secret.ts";
import { keyPair, type Scheme, schemes } from "../keystore/secret.ts";
import { addNodeKeyCommands } from "./node-key.ts";
import { openSpec } from "./open-spec.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { wholeNumber } from "./options/number.ts";
import { addPasswordOptions, type PasswordArgs, readPassword } from "./options/password.ts";
import { UsageError } from "./usage-error.ts";

interface FormatArgs {
  readonly scheme: Scheme;
  readonly network: number;
  readonly json: boolean;
}

/** `matrixai key`: what `subkey` does; secrets come from a file, the terminal or the environment. */
export function register(parent: Command): void {
  const key = parent.command("key").description("make, inspect and store keys");
  addNodeKeyCommands(key);

  formatOptions(key.command("generate").description("make a new key and print it"))
    .addOption(
      new Option("-w, --words <count>", "words of the mnemonic").argParser(wholeNumber(12, 24)).default(12),
    )
    .action((args: FormatArgs & { readonly words: number }) => {
      if (args.words % 3 !== 0) throw new UsageError("a mnemonic has 12, 15, 18, 21 or 24 words");
      const secret = mnemonicGenerate(args.words as 12 | 15 | 18 | 21 | 24);
      print({ secretPhrase: secret, ...describe(keyPair(secret, args.scheme).publicKey, args) }, args.json);
    });

  formatOptions(
    key.command("inspect [public]").description("show what a secret, an address or a public key stands for"),
  )
    .option("--secret-file <file>", "file with the secret; without it and without [public], it is asked for")
    .action(async (given: string | undefined, args: FormatArgs & { readonly secretFile?: string }) => {
      const publicKey =
        given === undefined ? keyPair(await readSecret(args), args.scheme).publicKey : readPublic(given);
      print(describe(publicKey, args), args.json);
    });

  const insert = addPasswordOptions(
    addChainOptions(key.command("insert").description("put a session key into the keystore")),
  );
  insert
    .addOption(
      new Option("--key-type <type>", "what it signs").choices(["poh_", "gran"]).makeOptionMandatory(),
    )
    .option("--secret-file <file>", "file with the secret; without it, it is asked for")
    .action(
      async (args: ChainArgs & PasswordArgs & { readonly keyType: string; readonly secretFile?: string }) => {
        if (args.chain === undefined) throw new UsageError("say which chain: --chain dev, local or FILE");
        const { keystore } = chainFolders(args.basePath ?? defaultBasePath(), openSpec(args.chain).id);
        const secret = await readSecret(args);
        const pair = new Keystore({ folder: keystore, password: await readPassword(args) }).add(
          args.keyType,
          secret,
        );
        process.stdout.write(`stored ${args.keyType} ${toHex(pair.publicKey)} in ${keystore}\n`);
      },
    );
}

const formatOptions = (command: Command): Command =>
  command
    .addOption(new Option("--scheme <scheme>", "signature scheme").choices([...schemes]).default("sr25519"))
    .addOption(
      new Option("-n, --network <prefix>", "SS58 prefix of addresses")
        .argParser(wholeNumber(0, 16_383))
        .default(42),
    )
    .option("--json", "print one JSON document", false);

function describe(publicKey: Uint8Array, { scheme, network }: FormatArgs): Record<string, string> {
  // The account of an ECDSA key, which has 33 bytes, is its hash.
  const account = publicKey.length === 32 ? publicKey : blake2_256(publicKey);
  return {
    scheme,
    publicKey: toHex(publicKey),
    accountId: toHex(account),
    ss58Address: encodeAddress(account, network),
  };
}

function print(fields: Readonly<Record<string, string>>, json: boolean): void {
  const lines = Object.entries(fields).map(([name, value]) => `${`${name}:`.padEnd(14)} ${value}`);
  process.stdout.write(json ? `${JSON.stringify(fields)}\n` : `${lines.join("\n")}\n`);
}

function readPublic(text: string): Uint8Array {
  const hex = fromHex(text);
  if (hex && (hex.length === 32 || hex.length === 33)) return hex;
  if (!hex && isAddress(text)) return decodeAddress(text);
  throw new UsageError(
    "give an SS58 address or a public key in hex; secrets go into a file, MATRIXAI_SECRET, or the prompt",
  );
}
