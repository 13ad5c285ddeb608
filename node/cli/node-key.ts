import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { fromHex } from "../../runtime/primitives/bytes.ts";
import { readGiven } from "../keystore/given-file.ts";
import { peerIdOfSecret } from "../network/peer-id.ts";
import { UsageError } from "./usage-error.ts";

/** `matrixai key generate-node-key` and `inspect-node-key`: the identity of a node among its peers. */
export function addNodeKeyCommands(key: Command): void {
  key
    .command("generate-node-key")
    .description("make the identity of a node; the peer id goes to stderr, as with subkey")
    .option("--file <file>", "write the secret there, for its owner only, instead of printing it")
    .action(async ({ file }: { readonly file?: string }) => {
      const secret = randomBytes(32);
      if (file === undefined) process.stdout.write(`${secret.toString("hex")}\n`);
      else writeSecret(file, secret);
      process.stderr.write(`${await peerIdOfSecret(secret)}\n`);
    });

  key
    .command("inspect-node-key")
    .description("print the peer id of a node's key")
    .requiredOption("--file <file>", "file with the secret, 32 bytes raw or as hex")
    .action(async ({ file }: { readonly file: string }) => {
      process.stdout.write(`${await peerIdOfSecret(readNodeSecret(file))}\n`);
    });
}

function writeSecret(file: string, secret: Buffer): void {
  try {
    writeFileSync(file, `${secret.toString("hex")}\n`, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw new UsageError(exists ? `${file} exists and is not overwritten` : `${file} cannot be written`);
  }
}

function readNodeSecret(file: string): Uint8Array {
  const content = readGiven(file, "the key file");
  const text = content.toString("latin1").trim();
  const secret = fromHex(text.startsWith("0x") ? text : `0x${text}`) ?? content;
  if (secret.length !== 32)
    throw new UsageError(`${file} holds no node key: 64 hexadecimal digits, or 32 bytes`);
  return secret;
}
