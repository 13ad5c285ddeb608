import { toHex } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { digestItem } from "../../runtime/primitives/digest.ts";
import type { Header } from "../../runtime/primitives/header.ts";

/** A header as `chain_getHeader` writes it; clients hash it again, so every byte counts. */
export function headerToJson(header: Header) {
  return {
    parentHash: toHex(header.parentHash),
    number: `0x${header.number.toString(16)}`,
    stateRoot: toHex(header.stateRoot),
    extrinsicsRoot: toHex(header.extrinsicsRoot),
    digest: { logs: header.digest.map((item) => toHex(encode(digestItem, item))) },
  };
}
