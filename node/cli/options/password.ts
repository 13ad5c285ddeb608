import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { askHidden } from "../../keystore/read-secret.ts";
import { UsageError } from "../usage-error.ts";

export interface PasswordArgs {
  readonly passwordFilename?: string;
  readonly passwordInteractive: boolean;
}

/** How the keystore's password is given: never on the command line, where other users could read it. */
export const addPasswordOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--password-filename <file>", "file with the password of the keystore").env(
        "MATRIXAI_PASSWORD_FILE",
      ),
    )
    .option("--password-interactive", "ask for the password of the keystore", false);

/** The password, from the file, the terminal, or `MATRIXAI_PASSWORD`. */
export async function readPassword(args: PasswordArgs): Promise<string | undefined> {
  if (args.passwordInteractive) return askHidden("Keystore password: ");
  if (args.passwordFilename === undefined) return process.env.MATRIXAI_PASSWORD;
  try {
    return readFileSync(args.passwordFilename, "utf8").trimEnd();
  } catch {
    throw new UsageError(`the password file ${args.passwordFilename} cannot be read`);
  }
}
