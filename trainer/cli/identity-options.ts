import { type Command, InvalidArgumentError } from "commander";
import { type Hash, isHash } from "../proof/canonical.ts";

/** Options that say whose work a proof is. */
export interface IdentityFlags {
  readonly order?: number;
  readonly trainer?: Hash;
  readonly randomness?: Hash;
}

/** Without a chain there is no order: then number, account and randomness are zero. */
export const zeroHash: Hash = `0x${"0".repeat(64)}`;

export function identityOptions(command: Command): Command {
  return command
    .option("--order <n>", "number of the order", natural)
    .option("--trainer <0x...>", "public key of the trainer's account", hash)
    .option(
      "--randomness <0x...>",
      "block randomness when the order was accepted: start and batch order follow from it",
      hash,
    );
}

/** 32 bytes as 0x and hexadecimal digits. */
export function hash(text: string): Hash {
  const lower = text.toLowerCase();
  if (!isHash(lower)) throw new InvalidArgumentError("0x and 64 hexadecimal digits are needed.");
  return lower;
}

function natural(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("A natural number is needed.");
  return value;
}
