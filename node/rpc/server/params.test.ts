import fc from "fast-check";
import { expect, test } from "vitest";
import { hex, hexOf, listOf, optional, readParams, text, whole } from "./params.ts";

const list = { key: hex, at: optional(hexOf(2)) };

test("arguments are read by position and by name", () => {
  const expected = { key: Uint8Array.of(1), at: Uint8Array.of(2, 3) };
  expect(readParams(list, ["0x01", "0x0203"])).toEqual(expected);
  expect(readParams(list, { at: "0x0203", key: "0x01" })).toEqual(expected);
  expect(readParams(list, ["0x01"]).at).toBeUndefined();
  expect(readParams(list, ["0x01", null]).at).toBeUndefined();
});

test("an error names the argument, what it should be and what it was", () => {
  const failing = (params: unknown[]) => {
    try {
      readParams(list, params);
    } catch (error) {
      return error;
    }
    throw new Error("no error");
  };
  expect(failing([])).toMatchObject({ code: -32602, message: "Invalid params", data: "key is missing" });
  expect(failing(["zz"])).toMatchObject({ data: 'key must be hex bytes that start with 0x, got "zz"' });
  expect(failing(["0x01", "0x02"])).toMatchObject({ data: "at must be 2 bytes, got 1" });
  expect(failing(["0x01", null, 5])).toMatchObject({ data: "takes 2 arguments (key, at), got 3" });
  expect(failing([["0x01"]])).toMatchObject({ code: -32602 });
});

test("lists and whole numbers are bounded", () => {
  expect(() => listOf(text, 2).read(["a", "b", "c"])).toThrow("at most 2 items, got 3");
  expect(() => whole(10).read(11)).toThrow("up to 10");
  for (const bad of [-1, 1.5, "1", Number.NaN]) expect(() => whole(10).read(bad)).toThrow();
});

test("hex is what Buffer writes, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(hex.read(`0x${Buffer.from(bytes).toString("hex")}`)).toEqual(bytes);
    }),
  );
  expect(hex.read("")).toEqual(new Uint8Array(0));
  expect(hex.read("0x")).toEqual(new Uint8Array(0));
  expect(hex.read("0xAbCd")).toEqual(Uint8Array.of(0xab, 0xcd));
  for (const bad of ["0", "0x0", "0xg0", "0x0g", "00", "0X00", " 0x00", 5, null, {}])
    expect(() => hex.read(bad)).toThrow("must be hex");
});
