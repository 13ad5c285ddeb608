import {
  type Authority,
  type Claim,
  type Lottery,
  secondaryAuthor,
  thresholdOf,
} from "../../pallets/poh/index.ts";
import { equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { type Header, hashHeader, withoutSeal } from "../../runtime/primitives/header.ts";
import { lotteryNumber, verifyVrf, vrfInput } from "../../runtime/primitives/vrf.ts";
import type { Refusal } from "../chain/rules.ts";
import { readClaim, type SealedClaim, slotOf } from "./digest.ts";

/** How many slots a block may be ahead of the clock: other clocks are not ours. */
const slotsAhead = 1n;

export interface ClaimContext {
  readonly slotMs: number;
  /** The clock in ms; undefined where time may run ahead, as on a chain that is sealed on demand. */
  readonly now: number | undefined;
  /** The frozen list and randomness of a slot after the parent, from the parent's state. */
  readonly lotteryOf: (slot: bigint) => Lottery;
}

const bad = (message: string): Refusal => ({ code: "BadConsensus", message });

/**
 * Whether a header was made by a trainer that its slot's lottery allows, for a slot after its parent's and not in the
 * future: a function of the header, its parent, the epoch's frozen list and randomness, and the clock. The cheapest
 * questions come first. Returns the claim, or why the block is refused.
 */
export function checkClaim(header: Header, parent: Header, context: ClaimContext): SealedClaim | Refusal {
  const sealed = readClaim(header.digest);
  if (typeof sealed === "string") return bad(sealed);
  const { claim } = sealed;
  const badSlot = checkSlot(claim.slot, parent, context);
  if (badSlot) return badSlot;
  const lottery = context.lotteryOf(claim.slot);
  const authority = lottery.authorities[claim.trainer_index];
  if (!authority) {
    const { length } = lottery.authorities;
    return bad(`epoch ${lottery.epoch} has ${length} trainers, none in place ${claim.trainer_index}`);
  }
  if (!equalBytes(sealed.author, authority.trainer)) {
    return bad(`its author ${toHex(sealed.author)} is not the trainer in place ${claim.trainer_index}`);
  }
  const unfounded = checkDraw(claim, authority, lottery);
  if (unfounded !== undefined) return bad(unfounded);
  const signed = hashHeader(withoutSeal(header));
  if (!verifySignature({ type: "Sr25519", value: sealed.seal }, signed, authority.key)) {
    return bad("its seal is not its author's signature");
  }
  return sealed;
}

function checkSlot(slot: bigint, parent: Header, { slotMs, now }: ClaimContext): Refusal | undefined {
  const before = slotOf(parent.digest);
  if (before !== undefined && slot <= before) {
    return bad(`its slot ${slot} does not come after its parent's slot ${before}`);
  }
  if (now !== undefined && slot > currentSlot(now, slotMs) + slotsAhead) {
    const message = `its slot ${slot} has not come yet, now is slot ${currentSlot(now, slotMs)}`;
    return { code: "FutureBlock", message };
  }
  return undefined;
}

/** What is wrong with the way a trainer came to its slot. */
function checkDraw(claim: Claim, { key, weight }: Authority, lottery: Lottery): string | undefined {
  const { slot, trainer_index: place, vrf_output: output, vrf_proof: proof } = claim;
  const input = vrfInput({ ...lottery, slot });
  if (claim.kind === "Primary") {
    if (lotteryNumber(input, output) >= thresholdOf(weight, lottery.authorities)) {
      return `its VRF output wins nothing with a weight of ${weight}`;
    }
  } else {
    const drawn = secondaryAuthor(lottery, slot);
    if (drawn !== place) return `the secondary author of slot ${slot} is in place ${drawn}, not ${place}`;
  }
  return verifyVrf(key, input, { output, proof })
    ? undefined
    : "its VRF output is not that of its author's key";
}

export const currentSlot = (now: number, slotMs: number): bigint => BigInt(Math.floor(now / slotMs));
