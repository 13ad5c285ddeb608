import { blockNumber } from "../pallets/system/index.ts";
import { BlockError } from "./block-error.ts";
import { equalBytes, toHex } from "./primitives/bytes.ts";
import { encodeDigestItem } from "./primitives/digest.ts";
import type { Header } from "./primitives/header.ts";
import type { Overlay } from "./primitives/overlay.ts";

/** A block is one higher than the state that it builds on. */
export function checkBlockNumber(storage: Overlay, header: Header): void {
  const expected = blockNumber({ storage }) + 1;
  if (header.number === expected) return;
  throw new BlockError(
    "WrongNumber",
    `the block has number ${header.number}, its parent's state wants ${expected}`,
  );
}

/** What a header claims must be what execution gave. Both without seals. */
export function checkBlockHeader(claimed: Header, executed: Header): void {
  const a = claimed.digest.map(encodeDigestItem);
  const b = executed.digest.map(encodeDigestItem);
  if (a.length !== b.length || a.some((item, i) => !equalBytes(item, b[i]!))) {
    throw new BlockError("DigestMismatch", `the digest is ${shown(a)}, execution gives ${shown(b)}`);
  }
  compare("ExtrinsicsRootMismatch", "extrinsics root", claimed.extrinsicsRoot, executed.extrinsicsRoot);
  compare("StateRootMismatch", "state root", claimed.stateRoot, executed.stateRoot);
}

function compare(
  code: "ExtrinsicsRootMismatch" | "StateRootMismatch",
  what: string,
  claimed: Uint8Array,
  executed: Uint8Array,
): void {
  if (equalBytes(claimed, executed)) return;
  throw new BlockError(code, `the ${what} is ${toHex(claimed)}, execution gives ${toHex(executed)}`);
}

const shown = (items: readonly Uint8Array[]): string => `[${items.map(toHex).join(", ")}]`;
