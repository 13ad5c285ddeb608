import { type Command, Option } from "commander";
import { readGiven } from "../../keystore/given-file.ts";
import { askHidden } from "../../keystore/read-secret.ts";

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
  if (args.passwordInteractive)
    return askHidden("Keystore password: ", "name a file with --password-filename, or set MATRIXAI_PASSWORD");
  if (args.passwordFilename === undefined) return process.env.MATRIXAI_PASSWORD;
  return readGiven(args.passwordFilename, "the password file").toString().trimEnd();
}
