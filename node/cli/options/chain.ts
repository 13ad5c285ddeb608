import { type Command, Option } from "commander";

export interface ChainArgs {
  readonly chain?: string;
  readonly basePath?: string;
}

/** Which chain, and where its data lies: shared by all commands that open a database. */
export const addChainOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--chain <chain>", "`dev`, `local`, or the path of a chain specification").env(
        "MATRIXAI_CHAIN",
      ),
    )
    .addOption(
      new Option(
        "-d, --base-path <folder>",
        "where databases and keys are kept (default: ~/.local/share/matrixai)",
      ).env("MATRIXAI_BASE_PATH"),
    );
