/** Chain values as JSON-RPC writes and reads them. */
import { bytesToHash, type Hash } from "../chain/hash.ts";
import { hexOf, type Param, param, shown } from "./server/params.ts";

const hash32 = hexOf(32);

/** A block or extrinsic hash, in the one spelling that maps are keyed by. */
export const hash: Param<Hash> = param((value) => bytesToHash(hash32.read(value)));

const maxNumber = 2 ** 32 - 1;

/** A block number as a number, or in hex or decimal text. */
export const blockNumber: Param<number> = param((value) => {
  const number =
    typeof value === "string" && /^(0x[0-9a-fA-F]{1,16}|\d{1,16})$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0)
    return Math.min(number, maxNumber);
  throw new Error(`must be a block number, or one in hex, got ${shown(value)}`);
});
