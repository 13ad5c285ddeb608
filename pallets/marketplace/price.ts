/** What work costs; all amounts round against whoever owes them. */
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { constants as score } from "../compute-score/index.ts";
import { constants } from "./schema.ts";
import type { OrderSpec } from "./types.ts";

/** The part of a whole that is that many millionths, rounded down. */
export const millionths = (parts: number, whole: bigint): bigint => (whole * BigInt(parts)) / 1_000_000n;

/** Work in uut, rounded up. */
export const uutOf = (flop: bigint): bigint => ceilDiv(flop, BigInt(score.FlopPerUut));

/** Price of work at so much for an ut. */
export const priceOf = (uut: bigint, pricePerUt: bigint): bigint =>
  ceilDiv(uut * pricePerUt, BigInt(score.UutPerUt));

/** Price of a training of so many FLOP. */
export const workPrice = (flop: bigint, pricePerUt: bigint): bigint => priceOf(uutOf(flop), pricePerUt);

/**
 * What a trainer puts at stake: cheating on a part f of the work saves f times the price and is found with
 * 1 - (1 - f)^q, so that with 3 / q of the price it pays for no f.
 */
export const orderBond = (price: bigint, segments: number): bigint =>
  largerOf(price, ceilDiv(3n * price, BigInt(segments)));

/** How many segments are run again. */
export const segmentsOf = (spec: OrderSpec): number =>
  (spec.thresholds ?? constants.DefaultThresholds).segments;

/** What is burned of a trainer's pay. */
export const tradeFee = (price: bigint): bigint => millionths(constants.TradeFee, price);

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
