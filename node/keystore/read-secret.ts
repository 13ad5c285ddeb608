import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { SecretError } from "./secret.ts";

/** A secret from a file, from `MATRIXAI_SECRET`, or asked for: never from the command line. @throws SecretError. */
export async function readSecret({ secretFile }: { readonly secretFile?: string }): Promise<string> {
  if (secretFile === undefined) return process.env.MATRIXAI_SECRET ?? askHidden("Secret: ");
  try {
    return readFileSync(secretFile, "utf8");
  } catch {
    throw new SecretError(`the secret file ${secretFile} cannot be read`);
  }
}

/** Asks on the terminal for something that must not be shown. @throws SecretError where there is no terminal. */
export async function askHidden(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new SecretError("there is no terminal to ask on: give it in a file or by the environment");
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
