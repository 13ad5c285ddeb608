import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import type { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { concatBytes, equalBytes } from "../../runtime/primitives/bytes.ts";
import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { encodeHeader, type Header, hashHeader, withoutSeal } from "../../runtime/primitives/header.ts";
import { type Claim, ownBytes, readClaimItems } from "./claim.ts";
import { epochOf } from "./lottery.ts";
import { type Authority, errors, events, type Offence, storage } from "./schema.ts";

interface Proven {
  readonly offender: AccountId;
  readonly epoch: bigint;
  readonly slot: bigint;
}

/**
 * Takes two headers that one trainer sealed for one slot. Throws what is wrong with them; a trainer is punished once in
 * an epoch. Effects: `EquivocationReported`, one offence that waits.
 */
export function report(ctx: Ctx, first: Header, second: Header, reporter: AccountId | undefined): void {
  const proven = judge(ctx, first, second);
  if ("fault" in proven) throw proven.fault();
  const { offender, epoch, slot } = proven;
  const evidence = blake2_256(concatBytes(encodeHeader(first), encodeHeader(second)));
  storage.Offenders.append(ctx, epoch, offender);
  storage.Offences.append(ctx, { offender, reporter, kind: "BlockEquivocation", evidence, slot });
  events.EquivocationReported(
    ctx,
    { offender, reporter, slot, evidence },
    reporter ? [offender, reporter] : [offender],
  );
}

/** Whether a report of these headers would fail. */
export const isReportable = (ctx: ReadCtx, first: Header, second: Header): boolean =>
  !("fault" in judge(ctx, first, second));

/** All that was proven since they were last taken. */
export const takeOffences = (ctx: WriteCtx): readonly Offence[] =>
  storage.Offences.exists(ctx) ? storage.Offences.take(ctx) : [];

function judge(
  ctx: ReadCtx,
  first: Header,
  second: Header,
): Proven | { readonly fault: () => DispatchError } {
  const [a, b] = [sealedClaim(first), sealedClaim(second)];
  if (!a || !b) return { fault: errors.NotAClaim };
  const { slot, trainer_index: place } = a.claim;
  const isOne = equalBytes(a.signed, b.signed);
  if (b.claim.slot !== slot || b.claim.trainer_index !== place || isOne) return { fault: errors.NoConflict };
  const epoch = epochOf(ctx, slot);
  const list = listOf(ctx, slot, epoch);
  if (!list) return { fault: errors.UnknownEpoch };
  const authority = list[place];
  if (!authority) return { fault: errors.UnknownTrainer };
  const offender = authority.trainer;
  if (storage.Offenders.get(ctx, epoch).some((other) => equalBytes(other, offender))) {
    return { fault: errors.AlreadyReported };
  }
  const areSealed = [a, b].every(({ seal, signed }) =>
    verifySignature({ type: "Sr25519", value: seal }, signed, authority.key),
  );
  return areSealed ? { offender, epoch, slot } : { fault: errors.BadSeal };
}

/** What a header claims, its seal, and the hash that the seal signs. */
function sealedClaim(header: Header): { claim: Claim; seal: Uint8Array; signed: Uint8Array } | undefined {
  const claimed = readClaimItems(header.digest);
  const seal = ownBytes(header.digest.at(-1), "Seal");
  if (typeof claimed === "string" || seal?.length !== 64) return undefined;
  return { claim: claimed.claim, seal, signed: hashHeader(withoutSeal(header)) };
}

/** The list that an epoch up to the present one had; undefined when it is not known, or no longer. */
function listOf(ctx: ReadCtx, slot: bigint, epoch: bigint): readonly Authority[] | undefined {
  const first = storage.GenesisSlot.get(ctx);
  if (first === undefined || slot < first) return undefined;
  if (epoch === storage.EpochIndex.get(ctx)) return storage.Authorities.get(ctx);
  return storage.PastAuthorities.get(ctx, epoch);
}
