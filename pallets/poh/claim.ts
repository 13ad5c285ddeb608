import type { AccountId } from "../../runtime/primitives/account.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { decode, encode, type Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u32, u64 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { blockAuthor, type Digest, type DigestItem, preRuntime } from "../../runtime/primitives/digest.ts";
import { vrfOutputLength, vrfProofLength } from "../../runtime/primitives/vrf.ts";

/** The name under which this engine writes into digests. */
export const engineName = "POHR";
export const engine: Uint8Array = textBytes(engineName);

/**
 * How a block came to its slot: `Primary` won it in the lottery, `Secondary` was drawn for it by weight, so that
 * slots without a winner are not lost.
 */
const claimKind = unitEnum("pallet_poh::ClaimKind", ["Primary", "Secondary"]);
export type ClaimKind = Value<typeof claimKind>;

/** What an author claims: a slot, how it came to it, its place in the epoch's list, its VRF output for the slot. */
export const claimCodec = struct("pallet_poh::Claim", {
  slot: u64,
  kind: claimKind,
  trainer_index: u32,
  vrf_output: fixedBytes(vrfOutputLength),
  vrf_proof: fixedBytes(vrfProofLength),
});
export type Claim = Value<typeof claimCodec>;

const claimLength = 8 + 1 + 4 + vrfOutputLength + vrfProofLength;

/** The two items with which a digest begins: the author's account, as explorers read it, and its claim. */
export const claimItems = (author: AccountId, claim: Claim): DigestItem[] => [
  preRuntime("pow_", author),
  preRuntime(engineName, encode(claimCodec, claim)),
];

/** Author and claim of a digest; a text says what is wrong with its form. */
export function readClaimItems(digest: Digest): { author: AccountId; claim: Claim } | string {
  const author = blockAuthor(digest);
  if (!author) return "its digest does not begin with a PreRuntime item of pow_ with 32 bytes of author";
  const bytes = ownBytes(digest[1], "PreRuntime");
  if (bytes?.length !== claimLength) {
    return `the second item of its digest is not a PreRuntime item of POHR with ${claimLength} bytes of claim`;
  }
  if (digest.slice(2).some(({ type }) => type === "PreRuntime")) {
    return "its digest has more PreRuntime items than two";
  }
  // Only the kind, of all bytes, can be one that means nothing.
  if (bytes[8]! > 1) return `its claim is of the unknown kind ${bytes[8]}`;
  return { author, claim: decode(claimCodec, bytes) };
}

/** What this engine wrote into an item of a digest; undefined for items of another kind or engine. */
export function ownBytes(
  item: DigestItem | undefined,
  type: "PreRuntime" | "Seal" | "Consensus",
): Uint8Array | undefined {
  if (item?.type !== type) return undefined;
  const [name, bytes] = item.value;
  return name.every((byte, i) => byte === engine[i]) ? bytes : undefined;
}
