import { equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import type { Digest, DigestItem } from "../../runtime/primitives/digest.ts";

/** By this engine's first item, explorers find the account of a block's author. */
const authorEngine = textBytes("pow_");
/** Our own engine: the slot that a block was made for, and its author's seal. */
const ownEngine = textBytes("POHR");

/** What a digest says about the making of its block. */
export interface Claim {
  readonly author: Uint8Array;
  readonly slot: bigint;
  /** The author's signature over the hash of the header without it. */
  readonly seal: Uint8Array;
}

/** The items with which a header begins: the author (32 bytes), then the slot (u64, little-endian). */
export function claimItems(author: Uint8Array, slot: bigint): DigestItem[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, slot, true);
  return [
    { type: "PreRuntime", value: [authorEngine, author] },
    { type: "PreRuntime", value: [ownEngine, bytes] },
  ];
}

/** The item with which a header ends. */
export const sealItem = (signature: Uint8Array): DigestItem => ({
  type: "Seal",
  value: [ownEngine, signature],
});

/** What a digest claims, or what is wrong with its form. Items of the runtime may stand between claim and seal. */
export function readClaim(digest: Digest): Claim | string {
  const [first, second] = digest;
  const author = payload(first, "PreRuntime", authorEngine, 32);
  if (!author) return "its digest does not begin with a PreRuntime item of pow_ with 32 bytes of author";
  const slot = payload(second, "PreRuntime", ownEngine, 8);
  if (!slot) return "the second item of its digest is not a PreRuntime item of POHR with 8 bytes of slot";
  const last = digest.at(-1);
  const seal = digest.length > 2 ? payload(last, "Seal", ownEngine, 64) : undefined;
  if (!seal) return "its digest does not end with a Seal of POHR with 64 bytes of signature";
  const between = digest.slice(2, -1);
  if (between.some(({ type }) => type === "PreRuntime" || type === "Seal")) {
    return "its digest has more PreRuntime or Seal items than two and one";
  }
  return { author, slot: new DataView(slot.buffer, slot.byteOffset, 8).getBigUint64(0, true), seal };
}

/** The slot of a header; undefined for genesis and for headers of another form. */
export function slotOf(digest: Digest): bigint | undefined {
  const bytes = payload(digest[1], "PreRuntime", ownEngine, 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

function payload(
  item: DigestItem | undefined,
  type: "PreRuntime" | "Seal",
  engine: Uint8Array,
  length: number,
): Uint8Array | undefined {
  if (item?.type !== type) return undefined;
  const [by, bytes] = item.value;
  return equalBytes(by, engine) && bytes.length === length ? bytes : undefined;
}
