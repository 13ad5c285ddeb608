/** What parties give each other on the way: keys sealed to them, and the validation data once the proof is in. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { liveOrder, topicsOf } from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { errors, events, storage } from "./schema.ts";
import { keep, proceedingOf } from "./stage.ts";
import type { purpose } from "./types.ts";

/** A key for one party of an order, sealed to it: the chain only carries it, in the event. */
export function releaseKey(
  ctx: Ctx,
  from: AccountId,
  id: number,
  to: AccountId,
  what: { readonly purpose: Value<typeof purpose>; readonly key: Uint8Array },
): void {
  const { buyer, deal } = liveOrder(ctx, id);
  ensure(deal !== undefined, errors.NotParty);
  const owners = [buyer, deal.trainer];
  const seats = storage.Inspections.get(ctx, id)?.seats ?? [];
  const parties = [...owners, ...seats.map(({ inspector }) => inspector)];
  const isAmong = (who: AccountId) => (party: AccountId) => equalBytes(party, who);
  ensure(owners.some(isAmong(from)) && parties.some(isAmong(to)) && !equalBytes(from, to), errors.NotParty);
  events.KeyReleased(ctx, { order: id, from, to, ...what }, topicsOf(id, from, to));
}

/** The buyer says where the validation data lies, now that the trainer has committed to everything. */
export function releaseValidation(ctx: Ctx, buyer: AccountId, id: number, uri: Uint8Array): void {
  const { order, inspection } = proceedingOf(ctx, id);
  ensure(equalBytes(order.buyer, buyer), errors.NotBuyer);
  const isNeeded = order.spec.validation === "Released" && inspection.submission.type === "Proof";
  ensure(isNeeded, errors.NothingToRelease);
  ensure(inspection.release_by !== undefined, errors.NotDrawn);
  ensure(inspection.released === undefined, errors.AlreadyReleased);
  ensure(blockNumber(ctx) <= inspection.release_by, errors.ReleaseTooLate);
  keep(ctx, id, { ...inspection, released: uri });
  const inspectors = inspection.seats.map(({ inspector }) => inspector);
  events.ValidationReleased(ctx, { order: id, buyer, uri }, topicsOf(id, buyer, ...inspectors));
}
