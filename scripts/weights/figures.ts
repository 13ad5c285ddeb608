import { largerOf } from "../../runtime/primitives/amounts.ts";
import type { Measured } from "./measure.ts";
import type { Figures } from "./weight-file.ts";

/** What Substrate's node declares for `transfer_keep_alive` on its reference machine, the state aside, in ps. */
const transferPs = 38_159_000;

/** A measurement as a weight: its time beside that of a transfer measured in the same run, rounded up. */
export const figuresOf = (measured: Measured, transferNs: number): Figures => ({
  time: roundedUp((measured.ns / transferNs) * transferPs),
  size: roundedUp(measured.bytes),
  reads: BigInt(Math.ceil(measured.reads)),
  writes: BigInt(Math.ceil(measured.writes)),
});

/** What each of `items` added to the measurement without any. */
export const slopeOf = (none: Measured, some: Measured, items: number): Measured => ({
  ns: Math.max(0, some.ns - none.ns) / items,
  reads: Math.max(0, some.reads - none.reads) / items,
  writes: Math.max(0, some.writes - none.writes) / items,
  bytes: Math.max(0, some.bytes - none.bytes) / items,
});

/** What covers both, figure by figure. */
export const largestOf = (a: Figures, b: Figures): Figures => ({
  time: largerOf(a.time, b.time),
  size: largerOf(a.size, b.size),
  reads: largerOf(a.reads, b.reads),
  writes: largerOf(a.writes, b.writes),
});

/** To two digits, so that the next measurement does not change what has not changed. */
function roundedUp(value: number): bigint {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return BigInt(Math.ceil(value / step) * step);
}
