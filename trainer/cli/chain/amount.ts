import { InvalidArgumentError } from "commander";
import { amountText, decimals, unit } from "../../client/amount-text.ts";

export { amountText };

/** An amount that a person wrote in MAI, such as `12.5`. @throws InvalidArgumentError. */
export function amount(text: string): bigint {
  const [, whole, part = ""] = /^(\d{1,26})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || part.length > decimals)
    throw new InvalidArgumentError(
      `An amount in MAI is needed, with at most ${decimals} digits behind the point.`,
    );
  return BigInt(whole) * unit + BigInt(part.padEnd(decimals, "0"));
}

const uutPerUt = 1_000_000n;

/** Work in uut as people read it: `12.5 ut`, with three digits that count at least. */
export function workText(uut: bigint): string {
  const ut = Number(uut) / Number(uutPerUt);
  return `${ut >= 1000 ? Math.round(ut).toLocaleString("en-US") : Number(ut.toPrecision(4))} ut`;
}
