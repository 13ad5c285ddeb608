import { createInterface } from "node:readline/promises";
import { UsageError } from "./usage-error.ts";

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
