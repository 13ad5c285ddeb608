import { expect, test } from "vitest";
import { tensorFromBytes } from "./tensor.ts";

test("a tensor from a small Buffer is a copy, not a view of Node's buffer pool", () => {
  const bytes = Buffer.from("0000803f000000c0", "hex");
  const value = tensorFromBytes("float32", [2], bytes);
  bytes.fill(0);
  expect([...value.data]).toEqual([1, -2]);
  expect(value.data.buffer.byteLength).toBe(8);
});
