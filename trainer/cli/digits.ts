import { mkdir } from "node:fs/promises";
import type { Command } from "commander";
import { digits, writeDigits } from "../engine/data/digits.ts";
import { childSeed } from "../engine/data/seeded.ts";
import { upTo, whole } from "./device-options.ts";
import { runCommand } from "./run-command.ts";

interface Flags {
  readonly train: number;
  readonly test: number;
  readonly seed: number;
}

/** They are drawn in memory: so many take 800 MB. */
const maxDigits = 1_000_000;

/** `digits FOLDER`: sample data to try training with, made here. */
export function register(program: Command): void {
  const command = program
    .command("digits")
    .summary("make handwritten-like digits as sample data")
    .description(
      "Draws 28x28 handwritten-like digits and writes them as IDX files: images and labels, train and test.",
    )
    .argument("<folder>", "where to write the four files")
    .option("--train <n>", "digits to train with", upTo(maxDigits), 20_000)
    .option("--test <n>", "digits to test with", upTo(maxDigits), 4_000)
    .option("--seed <n>", "another number draws other digits", whole, 1);
  runCommand(command, async ({ terminal }, folder: string, { train, test, seed }: Flags) => {
    await mkdir(folder, { recursive: true }); // says before the drawing if it cannot be
    const files: string[] = [];
    for (const [name, count] of Object.entries({ train, test })) {
      terminal.note(`drawing ${count} digits`);
      const drawn = digits(childSeed(new Uint8Array(32), name, seed), count);
      const { images, labels } = await writeDigits(folder, name, drawn);
      files.push(images, labels);
    }
    terminal.answer({ files }, files);
    return undefined;
  });
}
