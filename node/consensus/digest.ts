import { type Claim, engineName, ownBytes, readClaimItems } from "../../pallets/poh/index.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import type { Digest, DigestItem } from "../../runtime/primitives/digest.ts";

/** What a sealed header says about the making of its block. */
export interface SealedClaim {
  readonly author: Uint8Array;
  readonly claim: Claim;
  /** The signature, by the key of the author's place in the list, over the hash of the header without it. */
  readonly seal: Uint8Array;
}

/** The item with which a header ends. */
export const sealItem = (signature: Uint8Array): DigestItem => ({
  type: "Seal",
  value: [textBytes(engineName), signature],
});

/** What a digest claims, or what is wrong with its form. Items of the runtime may stand between claim and seal. */
export function readClaim(digest: Digest): SealedClaim | string {
  const items = readClaimItems(digest);
  if (typeof items === "string") return items;
  const seal = ownBytes(digest.at(-1), "Seal");
  if (seal?.length !== 64) return "its digest does not end with a Seal of POHR with 64 bytes of signature";
  if (digest.slice(2, -1).some(({ type }) => type === "Seal")) return "its digest has more than one Seal";
  return { ...items, seal };
}

/** The claim of a header; undefined for genesis and for headers of another form. */
export function claimOf(digest: Digest): Claim | undefined {
  const items = readClaimItems(digest);
  return typeof items === "string" ? undefined : items.claim;
}

/** The slot of a header; undefined for genesis and for headers of another form. */
export const slotOf = (digest: Digest): bigint | undefined => claimOf(digest)?.slot;
