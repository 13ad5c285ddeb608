import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { readGiven } from "../../../node/keystore/given-file.ts";
import { type SealKeys, sealKeys } from "../../storage/sealed.ts";
import { InputError } from "../run-command.ts";

/** The X25519 keys to which results are sealed, from a file that only its owner may read. @throws InputError, GivenFileError. */
export function recipientKeys(file: string): SealKeys {
  const text = readGiven(file, "the recipient's key").toString().trim();
  if (!/^0x[0-9a-f]{64}$/.test(text))
    throw new InputError(`${file} holds no key: 0x and 64 digits are needed`);
  return sealKeys(Buffer.from(text.slice(2), "hex"));
}

/** The same; a file that is not there is made, with a new key. */
export function recipientKeysOrNew(file: string): SealKeys {
  if (!existsSync(file))
    writeFileSync(file, `0x${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx", flush: true });
  return recipientKeys(file);
}
