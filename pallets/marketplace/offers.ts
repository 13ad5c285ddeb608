import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { machineTopic, ownerOf } from "../machines/index.ts";
import { canWork } from "../trainer-staking/index.ts";
import { constants, errors, events, storage } from "./schema.ts";
import type { Terms } from "./types.ts";

/** Puts a machine up for hire, or changes its terms. */
export function makeOffer(ctx: Ctx, trainer: AccountId, machine: Uint8Array, terms: Terms): void {
  const owner = ownerOf(ctx, machine);
  ensure(owner !== undefined && equalBytes(owner, trainer), errors.NotOwner);
  ensure(canWork(ctx, trainer), errors.CannotWork);
  const isWindow = terms.longest >= 1 && terms.longest <= constants.MaxWindow;
  ensure(terms.price_per_ut > 0n && isWindow, errors.BadTerms);
  storage.Offers.set(ctx, machine, { trainer, terms });
  events.OfferMade(ctx, { machine, trainer, terms }, [trainer, machineTopic(machine)]);
}

/** Takes it back. The machine may be gone: whoever made the offer may end it. */
export function cancelOffer(ctx: Ctx, trainer: AccountId, machine: Uint8Array): void {
  const offer = storage.Offers.get(ctx, machine);
  ensure(offer !== undefined, errors.NoOffer);
  ensure(equalBytes(offer.trainer, trainer), errors.NotOwner);
  storage.Offers.delete(ctx, machine);
  events.OfferCanceled(ctx, { machine, trainer }, [trainer, machineTopic(machine)]);
}
