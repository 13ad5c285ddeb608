import { encode } from "../../runtime/primitives/codec.ts";
import { equivocationProof } from "../../runtime/primitives/grandpa.ts";
import { hashToBytes } from "../chain/hash.ts";
import type { Step } from "./protocol/step.ts";
import type { SignedVote } from "./protocol/tally.ts";
import { messageType, toWireTarget } from "./wire.ts";

/** Two votes of one voter in one round, as the Grandpa pallet takes them. */
export function encodeEquivocation(
  { round, phase, voter, first, second }: Extract<Step, { type: "equivocation" }>,
  setId: bigint,
): Uint8Array {
  const signed = ({ target, signature }: SignedVote) => [toWireTarget(target), signature] as const;
  const value = {
    round_number: BigInt(round),
    identity: hashToBytes(voter),
    first: signed(first),
    second: signed(second),
  };
  return encode(equivocationProof, { set_id: setId, equivocation: { type: messageType[phase], value } });
}
