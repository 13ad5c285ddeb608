import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./usage-error.ts";

/** Asks on the terminal for something that must not be shown. */
export async function askHidden(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError("there is no terminal to ask on: give it in a file or by the environment");
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

/** Asks a question that only `y` or `yes` agrees to. */
export async function askYes(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError(`${question} There is no terminal to ask on: agree with --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await terminal.question(`${question} [y/N] `));
  } finally {
    terminal.close();
  }
}
