/**
 * Double votes: proven by two signatures, queued for whoever punishes, once for each key and set: who runs a node
 * twice by mistake votes twice in every round, until the next set is without it.
 */
import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import { type DispatchError, ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { type EquivocationProof, equivocationProof, votePayload } from "../../runtime/primitives/grandpa.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { trainerOf } from "./authorities.ts";
import { errors, type Offence, storage } from "./schema.ts";

/** Queues a double vote, for `reporter` to be rewarded if there is one; throws what `reportFault` finds. */
export function report(ctx: Ctx, proof: EquivocationProof, reporter: AccountId | undefined): void {
  const fault = reportFault(ctx, proof);
  if (fault) throw fault;
  const { identity, round_number } = proof.equivocation.value;
  const offender = trainerOf(ctx, proof.set_id, identity);
  ensure(offender !== undefined, errors.InvalidKeyOwnershipProof);
  storage.Reported.set(ctx, proof.set_id, identity, round_number);
  const evidence = blake2_256(encode(equivocationProof, proof));
  const { set_id } = proof;
  storage.Offences.append(ctx, { offender, reporter, evidence, set_id, round: round_number });
}

/** Why a report would be refused; undefined if it holds. The signatures come last, being dear to check. */
export function reportFault(ctx: ReadCtx, proof: EquivocationProof): DispatchError | undefined {
  const { identity } = proof.equivocation.value;
  if (trainerOf(ctx, proof.set_id, identity) === undefined) return errors.InvalidKeyOwnershipProof();
  if (storage.Reported.exists(ctx, proof.set_id, identity)) return errors.DuplicateOffenceReport();
  return isEquivocation(proof) ? undefined : errors.InvalidEquivocationProof();
}

/** What was reported in this block; whoever takes it punishes. */
export const takeOffences = (ctx: WriteCtx): readonly Offence[] =>
  storage.Offences.exists(ctx) ? storage.Offences.take(ctx) : [];

/** Two votes for different blocks, both signed by the key. One vote signed twice is no offence. */
function isEquivocation({ set_id, equivocation: { type, value } }: EquivocationProof): boolean {
  const { identity, round_number, first, second } = value;
  const [a, b] = [first[0], second[0]];
  if (a.target_number === b.target_number && equalBytes(a.target_hash, b.target_hash)) return false;
  return [first, second].every(([vote, signature]) => {
    const signed = votePayload({ type, value: vote }, round_number, set_id);
    return verifySignature({ type: "Ed25519", value: signature }, signed, identity);
  });
}
