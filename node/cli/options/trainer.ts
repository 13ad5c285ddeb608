import { accessSync, constants } from "node:fs";
import type { Command } from "commander";
import { UsageError } from "../usage-error.ts";

export interface TrainerArgs {
  readonly trainer: boolean;
  readonly trainerConfig?: string;
}

/** Whether a trainer's daemon runs beside the node, and how. */
export const addTrainerOptions = (command: Command): Command =>
  command
    .option(
      "--trainer",
      "run the daemon of a trainer beside the node; whose is said by MATRIXAI_SECRET or a test account. " +
        "SIGUSR2 has it take no more work and end",
      false,
    )
    .option(
      "--trainer-config <file>",
      "its machines, policy and storage (JSON), as for `trainer run`; without it, it only inspects",
    );

/** A trainer as the options describe it. */
export interface TrainerSetup {
  readonly secret: string;
  readonly config: string | undefined;
}

/** The trainer that is wanted, if one is; `account` is the test account that the node is named for. @throws UsageError. */
export function trainerSetup(args: TrainerArgs, account: string | undefined): TrainerSetup | undefined {
  const { trainer, trainerConfig: config } = args;
  if (!trainer) {
    if (config !== undefined) throw new UsageError("--trainer-config is for --trainer, which was not given");
    return undefined;
  }
  const secret = process.env.MATRIXAI_SECRET ?? account;
  if (secret === undefined)
    throw new UsageError("--trainer: say whose it is, by MATRIXAI_SECRET or a test account such as --bob");
  if (config !== undefined && !isReadable(config))
    throw new UsageError(`the trainer's configuration ${config} cannot be read`);
  return { secret, config };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
