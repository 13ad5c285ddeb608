import {
  type Authority,
  type Claim,
  type Lottery,
  secondaryAuthor,
  thresholdOf,
} from "../../pallets/poh/index.ts";
import { compareBytes, equalBytes } from "../../runtime/primitives/bytes.ts";
import { lotteryNumber, vrfInput, vrfOutputLength } from "../../runtime/primitives/vrf.ts";

/** An sr25519 key with which a trainer's node draws and seals. */
export interface PohKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  /** VRF output and proof, 96 bytes, for an input of the block lottery. */
  vrfSign(input: Uint8Array): Uint8Array;
}

/** What a key on this node may claim: a block of `author` for a slot. */
export interface LocalClaim {
  readonly key: PohKey;
  readonly author: Uint8Array;
  readonly claim: Claim;
}

interface Member {
  readonly key: PohKey;
  readonly place: number;
  readonly authority: Authority;
}

/** What local keys may claim in a slot, best first: primary before secondary, of several primaries the lowest output. */
export function localClaims(lottery: Lottery, slot: bigint, keys: readonly PohKey[]): LocalClaim[] {
  const local = members(lottery, keys);
  if (local.length === 0) return [];
  const input = vrfInput({ ...lottery, slot });
  const drawn = secondaryAuthor(lottery, slot);
  const primaries: LocalClaim[] = [];
  const secondaries: LocalClaim[] = [];
  for (const member of local) {
    const vrf = member.key.vrfSign(input);
    const threshold = thresholdOf(member.authority.weight, lottery.authorities);
    const hasWon = lotteryNumber(input, vrf.subarray(0, vrfOutputLength)) < threshold;
    if (hasWon) primaries.push(claimOf(member, slot, "Primary", vrf));
    if (member.place === drawn) secondaries.push(claimOf(member, slot, "Secondary", vrf));
  }
  primaries.sort((a, b) => compareBytes(a.claim.vrf_output, b.claim.vrf_output));
  return [...primaries, ...secondaries];
}

/** The claim of a local key that was drawn as a slot's secondary author; undefined when that is not here. */
export function secondaryClaim(
  lottery: Lottery,
  slot: bigint,
  keys: readonly PohKey[],
): LocalClaim | undefined {
  const drawn = secondaryAuthor(lottery, slot);
  const member = members(lottery, keys).find(({ place }) => place === drawn);
  return member && claimOf(member, slot, "Secondary", member.key.vrfSign(vrfInput({ ...lottery, slot })));
}

function members({ authorities }: Lottery, keys: readonly PohKey[]): Member[] {
  return authorities.flatMap((authority, place) => {
    const key = keys.find(({ publicKey }) => equalBytes(publicKey, authority.key));
    return key ? [{ key, place, authority }] : [];
  });
}

function claimOf(
  { key, place, authority }: Member,
  slot: bigint,
  kind: Claim["kind"],
  vrf: Uint8Array,
): LocalClaim {
  const claim: Claim = {
    slot,
    kind,
    trainer_index: place,
    vrf_output: vrf.slice(0, vrfOutputLength),
    vrf_proof: vrf.slice(vrfOutputLength),
  };
  return { key, author: authority.trainer, claim };
}
