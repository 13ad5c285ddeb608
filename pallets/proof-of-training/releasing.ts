/** What parties give each other on the way: keys sealed to them, and the validation data once the proof is in. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import {
  type Deal,
  type KeyPurpose,
  liveOrder,
  storage as marketplace,
  topicsOf,
} from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { panelOf } from "./panel.ts";
import { errors, events, storage } from "./schema.ts";
import { keep, proceedingOf } from "./stage.ts";

/** A key for one party of an order, sealed to it. It is kept until the order is over, and cannot be given anew. */
export function releaseKey(
  ctx: Ctx,
  from: AccountId,
  id: number,
  to: AccountId,
  { purpose, key }: { readonly purpose: KeyPurpose; readonly key: Uint8Array },
): void {
  const { buyer, deal } = liveOrder(ctx, id);
  ensure(deal !== undefined, errors.NotParty);
  const owner = purpose === "Package" ? deal.trainer : buyer;
  ensure(equalBytes(from, owner), errors.NotParty);
  ensure(recipientKey(ctx, id, deal, to, purpose) !== undefined, errors.NoSealingKey);
  ensure(!marketplace.ReleasedKeys.exists(ctx, id, to, purpose), errors.AlreadyReleased);
  marketplace.ReleasedKeys.set(ctx, id, to, purpose, key);
  events.KeyReleased(ctx, { order: id, from, to, purpose, key }, topicsOf(id, from, to));
}

/** To what a key is sealed that `to` may be given now; undefined where that party has set nothing. */
function recipientKey(
  ctx: ReadCtx,
  id: number,
  { trainer, sealing_key }: Deal,
  to: AccountId,
  purpose: KeyPurpose,
): Uint8Array | undefined {
  const inspection = storage.Inspections.get(ctx, id);
  if (purpose === "TrainingData" && equalBytes(to, trainer)) {
    // What it claims to have missed must not turn up while that is judged.
    ensure(inspection === undefined, errors.ReleaseTooLate);
    return sealing_key;
  }
  const seat = inspection && panelOf(inspection).find(({ inspector }) => equalBytes(inspector, to));
  ensure(seat !== undefined, errors.NotParty);
  const { keys_by } = inspection!;
  ensure(keys_by !== undefined, errors.NothingToRelease);
  // All of a panel judge by the same keys: none appears once some have judged.
  ensure(blockNumber(ctx) <= keys_by, errors.ReleaseTooLate);
  return seat.sealing_key;
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
