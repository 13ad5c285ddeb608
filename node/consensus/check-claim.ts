import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { type Header, hashHeader, withoutSeal } from "../../runtime/primitives/header.ts";
import type { Refusal } from "../chain/rules.ts";
import { readClaim, slotOf } from "./digest.ts";

/** How many slots a block may be ahead of the clock: other clocks are not ours. */
const slotsAhead = 1n;

const bad = (message: string): Refusal => ({ code: "BadConsensus", message });

/**
 * Whether a header was made by the author it names, for a slot after its parent's and not in the future.
 * `now` is the clock in ms; undefined where time may run ahead, as on a chain that is sealed on demand.
 */
export function checkClaim(
  header: Header,
  parent: Header,
  { slotMs, now }: { readonly slotMs: number; readonly now: number | undefined },
): Refusal | undefined {
  const claim = readClaim(header.digest);
  if (typeof claim === "string") return bad(claim);
  const before = slotOf(parent.digest);
  if (before !== undefined && claim.slot <= before) {
    return bad(`its slot ${claim.slot} does not come after its parent's slot ${before}`);
  }
  if (now !== undefined && claim.slot > currentSlot(now, slotMs) + slotsAhead) {
    const message = `its slot ${claim.slot} has not come yet, now is slot ${currentSlot(now, slotMs)}`;
    return { code: "FutureBlock", message };
  }
  const signed = hashHeader(withoutSeal(header));
  if (!verifySignature({ type: "Sr25519", value: claim.seal }, signed, claim.author)) {
    return bad("its seal is not its author's signature");
  }
  return undefined;
}

/** Whether the time that a block sets (ms) lies in its slot. */
export function checkTime(header: Header, time: bigint, slotMs: number): Refusal | undefined {
  const slot = slotOf(header.digest);
  return slot === time / BigInt(slotMs)
    ? undefined
    : bad(`its time ${time} does not lie in its slot ${slot} of ${slotMs} ms`);
}

export const currentSlot = (now: number, slotMs: number): bigint => BigInt(Math.floor(now / slotMs));
