import { base58 } from "@scure/base";
import { blake2_512 } from "../../runtime/primitives/hashing.ts";
import { type Param, param, shown } from "./server/params.ts";

/** An account as its SS58 address, of any network as in Substrate, or as 32 bytes of hex. */
export const account: Param<Uint8Array> = param((value) => {
  if (typeof value === "string") {
    if (/^0x[0-9a-fA-F]{64}$/.test(value)) return new Uint8Array(Buffer.from(value.slice(2), "hex"));
    const decoded = decodeAddress(value);
    if (decoded !== undefined) return decoded;
  }
  throw new Error(`must be an SS58 address or 32 bytes of hex, got ${shown(value)}`);
});

const checksumPrefix = Buffer.from("SS58PRE");

/** prefix (1 or 2 bytes) ++ account (32) ++ the first two bytes of blake2b-512("SS58PRE" ++ all before). */
function decodeAddress(address: string): Uint8Array | undefined {
  // Longer than any address, and base58 takes quadratic time.
  if (address.length > 60) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(address);
  } catch {
    return undefined;
  }
  const prefixLength = (bytes[0] ?? 0) < 64 ? 1 : 2;
  if ((bytes[0] ?? 0) > 127 || bytes.length !== prefixLength + 34) return undefined;
  const body = bytes.subarray(0, -2);
  const checksum = blake2_512(Buffer.concat([checksumPrefix, body]));
  if (checksum[0] !== bytes.at(-2) || checksum[1] !== bytes.at(-1)) return undefined;
  return body.slice(prefixLength);
}
