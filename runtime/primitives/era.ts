import type { Codec } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import { u8 } from "./codec-number.ts";
import { namedType, type Variant } from "./type-def.ts";

/** For how long a transaction may go into a block: for ever, or `period` blocks from one with `phase`. */
export type Era =
  | { readonly type: "Immortal" }
  | { readonly type: "Mortal"; readonly period: number; readonly phase: number };

export const immortal: Era = { type: "Immortal" };

/**
 * A mortal era that begins at block `current`. The period becomes a power of two within 4 and 65536, and long
 * ones lose the lowest bits of the phase, because both must fit in two bytes.
 */
export function mortal(period: number, current: number): Era {
  const length = Math.min(Math.max(2 ** (32 - Math.clz32(period - 1)), 4), 1 << 16);
  const quantum = quantumOf(length);
  const phase = Math.floor((current % length) / quantum) * quantum;
  return { type: "Mortal", period: length, phase };
}

/** The block at which the era that holds at `current` began; its hash is signed with the transaction. */
export const birth = (era: Era, current: number): number =>
  era.type === "Immortal"
    ? 0
    : Math.floor((Math.max(current, era.phase) - era.phase) / era.period) * era.period + era.phase;

/** The first block in which the transaction is no longer valid. */
export const death = (era: Era, current: number): number =>
  era.type === "Immortal" ? Number.POSITIVE_INFINITY : birth(era, current) + era.period;

/** Substrate's two bytes: the period's power of two in the lower four bits, the phase above; or one zero byte. */
export const eraCodec: Codec<Era> = {
  type: namedType("sp_runtime::generic::era::Era", { tag: "variant", variants: eraVariants() }),
  encode(era, out) {
    if (era.type === "Immortal") return out.u8(0);
    const power = Math.min(Math.max(trailingZeros(era.period) - 1, 1), 15);
    out.u16(power | ((era.phase / quantumOf(era.period)) << 4));
  },
  decode(input) {
    const first = input.u8();
    if (first === 0) return immortal;
    const encoded = first | (input.u8() << 8);
    const period = 2 << (encoded % 16);
    const phase = (encoded >> 4) * quantumOf(period);
    if (period < 4 || phase >= period) throw new CodecError("OutOfRange", "Invalid period and phase");
    return { type: "Mortal", period, phase };
  },
};

const quantumOf = (period: number): number => Math.max(period >> 12, 1);
const trailingZeros = (value: number): number => 31 - Math.clz32(value & -value);

/** Metadata knows the first byte as the variant and the second as its field. */
function eraVariants(): Variant[] {
  const variants: Variant[] = [{ name: "Immortal", index: 0, fields: [] }];
  for (let index = 1; index < 256; index++) {
    variants.push({ name: `Mortal${index}`, index, fields: [{ type: u8.type }] });
  }
  return variants;
}
