import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { readGiven } from "./given-file.ts";
import { SecretError } from "./secret.ts";

/** A secret from a file, from `MATRIXAI_SECRET`, or asked for: never from the command line. @throws SecretError, GivenFileError. */
export async function readSecret({ secretFile }: { readonly secretFile?: string }): Promise<string> {
  if (secretFile !== undefined) return readGiven(secretFile, "the secret file").toString();
  const where = "name a file with --secret-file, or set MATRIXAI_SECRET";
  return process.env.MATRIXAI_SECRET ?? askHidden("Secret: ", where);
}

/** Asks on the terminal for something that must not be shown. @throws SecretError where there is none, saying `instead`. */
export async function askHidden(question: string, instead: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new SecretError(`a secret is needed, and there is no terminal to ask on: ${instead}`);
  process.stderr.write(question);
  // What is typed goes to readline and no further.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
