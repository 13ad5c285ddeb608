import { decodeAddress, encodeAddress, isAddress } from "@polkadot/util-crypto";
import { InvalidArgumentError } from "commander";
import { fromHex } from "../../../runtime/primitives/bytes.ts";

/** An account by its SS58 address or its 32 bytes in hex. @throws InvalidArgumentError. */
export function account(text: string): Uint8Array {
  const bytes = /^0x[0-9a-fA-F]{64}$/.test(text) ? fromHex(text) : undefined;
  if (bytes) return bytes;
  if (isAddress(text)) {
    const decoded = decodeAddress(text);
    const here = decoded.length === 32 ? addressOf(decoded) : undefined;
    if (here === text) return decoded;
    if (here !== undefined)
      throw new InvalidArgumentError(`It is an address of another network; here that account is ${here}.`);
  }
  throw new InvalidArgumentError(
    "An SS58 address is needed, or the 32 bytes of an account as 0x and 64 digits.",
  );
}

export const addressOf = (who: Uint8Array): string => encodeAddress(who, 42);
