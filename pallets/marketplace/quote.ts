/** What an order would cost and who could do it, before anybody is bound; nothing here writes. */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { ceilAdd, maxU128, smallerOf } from "../../runtime/primitives/amounts.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { machineId, machineOf } from "../machines/index.ts";
import { refusals } from "./errors.ts";
import { durationMs, faultsOf, misfitsOf, unfitness } from "./feasibility.ts";
import { orderBond, priceOf, segmentsOf, tradeFee, uutOf } from "./price.ts";
import { storage } from "./schema.ts";
import { noRecord, type Offer, type OrderSpec, record, terms } from "./types.ts";

/** So many offers are looked at, and so many candidates told. */
const maxOffers = 1_000;
const maxCandidates = 100;

const maxU64 = 2n ** 64n - 1n;

const refusal = unitEnum("pallet_marketplace::Refusal", refusals);

const candidate = struct("pallet_marketplace::Candidate", {
  machine: machineId,
  trainer: accountId,
  terms,
  /** At its terms; of this the trainer gets all but the trade fee. */
  price: u128,
  trade_fee: u128,
  /** What the trainer must hold. */
  bond: u128,
  /** At its measured capacity, in milliseconds and in uut per day; none where it was not measured. */
  duration: option(u64),
  measured: u128,
  history: record,
  /** Why it cannot be this one. */
  refusals: vec(refusal),
});

export const quoteCodec = struct("pallet_marketplace::Quote", {
  flop: u128,
  /** Work in uut. */
  work: u128,
  inspection_fee: u128,
  /** The most that is taken from the buyer: price and inspection fee. */
  at_most: u128,
  /** Why the order cannot be, whoever does it. */
  refusals: vec(refusal),
  /** The machine that is named, or those on offer: those that could do it first, the cheapest first. */
  candidates: vec(candidate),
});
export type Quote = Value<typeof quoteCodec>;
type Candidate = Value<typeof candidate>;

/** Prices an order. Placing it as it stands takes `at_most` from the buyer and not more. */
export function quote(ctx: ReadCtx, spec: OrderSpec): Quote {
  const faults = faultsOf(ctx, spec);
  const candidates = offersFor(ctx, spec)
    .map(([machine, offer]) => candidateFor(ctx, spec, machine, offer))
    .toSorted(byUse)
    .slice(0, maxCandidates);
  const [named] = candidates;
  const missing = spec.machine !== undefined && named === undefined;
  const price = spec.machine === undefined ? spec.price_limit : (named?.price ?? 0n);
  return {
    flop: spec.flop,
    work: uutOf(spec.flop),
    inspection_fee: spec.inspection_fee,
    at_most: ceilAdd(price, spec.inspection_fee),
    refusals: missing ? [...faults, "NoOffer"] : faults,
    candidates,
  };
}

function offersFor(ctx: ReadCtx, { machine }: OrderSpec): (readonly [Uint8Array, Offer])[] {
  if (machine !== undefined) {
    const offer = storage.Offers.get(ctx, machine);
    return offer ? [[machine, offer]] : [];
  }
  const found: (readonly [Uint8Array, Offer])[] = [];
  for (const entry of storage.Offers.iterate(ctx)) {
    if (found.length === maxOffers) break;
    found.push(entry);
  }
  return found;
}

function candidateFor(ctx: ReadCtx, spec: OrderSpec, machine: Uint8Array, offer: Offer): Candidate {
  const price = priceOf(uutOf(spec.flop), offer.terms.price_per_ut);
  // Amounts beyond their type belong to orders that are refused.
  const measured = machineOf(ctx, machine)?.measured ?? 0n;
  const duration = durationMs(spec.flop, measured);
  return {
    machine,
    trainer: offer.trainer,
    terms: offer.terms,
    price: smallerOf(price, maxU128),
    trade_fee: smallerOf(tradeFee(price), maxU128),
    bond: smallerOf(orderBond(price, segmentsOf(spec)), maxU128),
    duration: duration === undefined ? undefined : smallerOf(duration, maxU64),
    measured,
    history: storage.MachineRecords.get(ctx, machine) ?? noRecord,
    // A bidder may ask for less than its offer says.
    refusals:
      spec.machine === undefined
        ? unfitness(ctx, spec, machine, offer.trainer)
        : misfitsOf(ctx, spec, machine, offer),
  };
}

function byUse(a: Candidate, b: Candidate): number {
  const able = Math.sign(a.refusals.length) - Math.sign(b.refusals.length);
  if (able !== 0) return able;
  return a.price < b.price ? -1 : a.price > b.price ? 1 : 0;
}
