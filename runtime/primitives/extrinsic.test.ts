import { TypeRegistry } from "@polkadot/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { textBytes, toHex } from "./bytes.ts";
import { decode, encode } from "./codec.ts";
import { bytes } from "./codec-bytes.ts";
import { u8 } from "./codec-number.ts";
import { blockAuthor, preRuntime } from "./digest.ts";
import { birth, death, type Era, eraCodec, immortal, mortal } from "./era.ts";
import { decodeExtrinsic, encodeBare, encodeSigned, isBare, signedPayload } from "./extrinsic.ts";
import { decodeHeader, encodeHeader, type Header, hashHeader, withoutSeal } from "./header.ts";

const registry = new TypeRegistry();
const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte);

test("eras are Substrate's two bytes", () => {
  const vectors: [Era, string][] = [
    [{ type: "Mortal", period: 64, phase: 42 }, "0xa502"],
    [{ type: "Mortal", period: 32768, phase: 20000 }, "0x4e9c"],
    [immortal, "0x00"],
  ];
  for (const [era, expected] of vectors) {
    expect(toHex(encode(eraCodec, era))).toBe(expected);
    expect(decode(eraCodec, encode(eraCodec, era))).toEqual(era);
  }
  expect(() => decode(eraCodec, Uint8Array.of(0x01, 0xff))).toThrow("Invalid period and phase");
});

test("an era holds its own block, and a client reads it as we do", () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 65536 }), fc.nat(10_000_000), (period, current) => {
      const era = mortal(period, current);
      const born = birth(era, current);
      expect(born).toBeLessThanOrEqual(current);
      expect(death(era, current)).toBeGreaterThan(current);
      const theirs = registry.createType("MortalEra", { current, period });
      expect(toHex(encode(eraCodec, era))).toBe(toHex(theirs.toU8a()));
      const read = registry.createType("MortalEra", theirs.toU8a());
      expect(read.birth(current)).toBe(born);
      expect(read.death(current)).toBe(death(era, current));
    }),
  );
});

const header: Header = {
  parentHash: fill(1),
  number: 70_000,
  stateRoot: fill(2),
  extrinsicsRoot: fill(3),
  digest: [
    preRuntime("pow_", fill(4)),
    preRuntime("POHR", fill(5, 8)),
    { type: "Consensus", value: [textBytes("POHR"), fill(6, 3)] },
    { type: "RuntimeEnvironmentUpdated" },
    { type: "Other", value: fill(7, 2) },
    { type: "Seal", value: [textBytes("POHR"), fill(8, 64)] },
  ],
};

test("a header has the hash that clients compute", () => {
  const theirs = registry.createType("Header", encodeHeader(header));
  expect(toHex(theirs.toU8a())).toBe(toHex(encodeHeader(header)));
  expect(theirs.hash.toHex()).toBe(toHex(hashHeader(header)));
  expect(theirs.number.toNumber()).toBe(70_000);
  expect(theirs.digest.logs.map((log) => log.type)).toEqual([
    "PreRuntime",
    "PreRuntime",
    "Consensus",
    "RuntimeEnvironmentUpdated",
    "Other",
    "Seal",
  ]);
  expect(encodeHeader(decodeHeader(encodeHeader(header)))).toEqual(encodeHeader(header));
  expect(toHex(encodeHeader(header).slice(-71, -66))).toBe("0x05504f4852");
});

test("seals come off, the author stays", () => {
  expect(withoutSeal(header).digest).toEqual(header.digest.slice(0, 5));
  expect(blockAuthor(header.digest)).toEqual(fill(4));
  expect(blockAuthor([preRuntime("pow_", fill(4, 31))])).toBe(undefined);
});

const address = { type: "Id", value: fill(1) } as const;
const signature = { type: "Sr25519", value: fill(2, 64) } as const;

test("each kind of extrinsic is told by its first byte", () => {
  const call = Uint8Array.of(8, 1, 2);
  const signed = encodeSigned(address, signature, Uint8Array.of(9), call);
  const decoded = decodeExtrinsic(signed, bytes, u8);
  expect(decoded).toMatchObject({
    version: 4,
    preamble: { type: "Signed", address, signature, extra: 9 },
    call: Uint8Array.of(1, 2),
    length: signed.length,
  });
  expect([...decoded.callBytes]).toEqual([8, 1, 2]);
  expect([...decoded.extraBytes]).toEqual([9]);
  expect(isBare(signed)).toBe(false);

  const bare = encodeBare(call);
  expect(decodeExtrinsic(bare, bytes, u8)).toMatchObject({ version: 4, preamble: { type: "Bare" } });
  expect(isBare(bare)).toBe(true);
  const bareV5 = Uint8Array.of(4 << 2, 5, 8, 1, 2);
  expect(decodeExtrinsic(bareV5, bytes, u8)).toMatchObject({ version: 5, preamble: { type: "Bare" } });
  const general = Uint8Array.of(6 << 2, 0x45, 0, 9, 8, 1, 2);
  expect(decodeExtrinsic(general, bytes, u8).preamble).toEqual({
    type: "General",
    extensionVersion: 0,
    extra: 9,
  });
});

test.each([
  ["a length that is too small", Uint8Array.of(3 << 2, 4, 8, 1, 2), "TrailingBytes"],
  ["a length that is too large", Uint8Array.of(5 << 2, 4, 8, 1, 2), "EndOfInput"],
  ["a signed extrinsic of V5", Uint8Array.of(4 << 2, 0x85, 8, 1, 2), "UnknownVariant"],
  ["a version of the future", Uint8Array.of(4 << 2, 6, 8, 1, 2), "UnknownVariant"],
  ["bytes after the call", Uint8Array.of(5 << 2, 4, 8, 1, 2, 3), "TrailingBytes"],
  ["nothing", Uint8Array.of(), "EndOfInput"],
  ["an empty one", Uint8Array.of(0), "EndOfInput"],
])("%s is refused", (_, extrinsic, code) => {
  expect(() => decodeExtrinsic(extrinsic, bytes, u8)).toThrow(expect.objectContaining({ code }));
});

test("long payloads are signed by their hash", () => {
  expect(signedPayload(fill(1, 200), fill(2, 50), (out) => out.bytes(fill(3, 6)))).toHaveLength(256);
  expect(signedPayload(fill(1, 200), fill(2, 50), (out) => out.bytes(fill(3, 7)))).toHaveLength(32);
});
