import { decodeAddress } from "@polkadot/util-crypto/address";
import { fromHex } from "../../runtime/primitives/bytes.ts";
import { type Param, param, shown } from "./server/params.ts";

/** Longer than any address; decoding base58 takes quadratic time. */
const maxLength = 66;

/** An account as its SS58 address, of any network as in Substrate, or as 32 bytes of hex. */
export const account: Param<Uint8Array> = param((value) => {
  if (typeof value === "string" && value.length <= maxLength) {
    const bytes = value.startsWith("0x") ? fromHex(value) : readAddress(value);
    if (bytes?.length === 32) return bytes;
  }
  throw new Error(`must be an SS58 address or 32 bytes of hex, got ${shown(value)}`);
});

/** Undefined for what is no address, or one with a wrong checksum. */
function readAddress(value: string): Uint8Array | undefined {
  try {
    return decodeAddress(value);
  } catch {
    return undefined;
  }
}
