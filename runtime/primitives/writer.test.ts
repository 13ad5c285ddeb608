import { expect, test } from "vitest";
import { Writer } from "./writer.ts";

test("nothing is lost when the array grows, whatever makes it grow", () => {
  const writes: [size: number, write: (out: Writer) => void][] = [
    [1, (out) => out.u8(0xab)],
    [2, (out) => out.u16(0xabab)],
    [4, (out) => out.u32(0xabababab)],
    [8, (out) => out.u64(0xababababababababn)],
    [16, (out) => out.u128(BigInt(`0x${"ab".repeat(16)}`))],
    [5, (out) => out.bytes(new Uint8Array(5).fill(0xab))],
  ];
  for (const [size, write] of writes) {
    for (let before = 0; before < 20; before++) {
      const out = new Writer(16);
      out.bytes(new Uint8Array(before).fill(0xab));
      write(out);
      expect(out.finish()).toEqual(new Uint8Array(before + size).fill(0xab));
    }
  }
});
