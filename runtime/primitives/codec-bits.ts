import type { Codec } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import { u8 } from "./codec-number.ts";
import { namedType } from "./type-def.ts";

const lsb0 = namedType("bitvec::order::Lsb0", { tag: "composite", fields: [] });

/** `BitVec<u8, Lsb0>`: the number of bits, then the bits, lowest first. */
export const bitvec: Codec<readonly boolean[]> = {
  type: {
    key: "BitVec<u8, Lsb0>",
    path: [],
    shape: { tag: "bitSequence", store: u8.type, order: lsb0 },
  },
  encode(bits, out) {
    out.compact(bits.length);
    for (let i = 0; i < bits.length; i += 8) {
      let byte = 0;
      for (let j = 0; j < 8; j++) if (bits[i + j]) byte |= 1 << j;
      out.u8(byte);
    }
  },
  decode(input) {
    const length = input.compact();
    const size = Math.ceil(length / 8);
    if (size > input.remaining) {
      throw new CodecError("EndOfInput", `${length} bits announced, ${input.remaining} bytes left`);
    }
    const packed = input.take(size);
    const bits: boolean[] = [];
    for (let i = 0; i < length; i++) bits.push(((packed[i >> 3]! >> (i & 7)) & 1) === 1);
    return bits;
  },
};
