import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import type { Header } from "../../runtime/primitives/header.ts";
import { encodeHeader } from "../../runtime/primitives/header.ts";
import {
  decodeAnnouncement,
  decodeBodies,
  decodeBodiesRequest,
  decodeHeaders,
  decodeHeadersRequest,
  decodeProof,
  decodeStateRequest,
  decodeTransactions,
  encodeBodies,
  encodeBodiesRequest,
  encodeHeaders,
  encodeHeadersRequest,
  encodeProof,
  encodeStateRequest,
  encodeTransactions,
} from "./messages.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const header: fc.Arbitrary<Header> = fc.record({
  parentHash: hash,
  number: fc.nat(),
  stateRoot: hash,
  extrinsicsRoot: hash,
  digest: fc.array(
    fc.uint8Array({ maxLength: 40 }).map((value) => ({ type: "Other", value }) as const),
    { maxLength: 4 },
  ),
});
const extrinsic = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .map((bytes) => Uint8Array.of(bytes.length << 2, ...bytes));

describe("messages", () => {
  test("say what was meant", () => {
    const proven = fc.record({
      header,
      justifications: fc.array(fc.tuple(fc.constant("FRNK"), fc.uint8Array()), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(proven, { maxLength: 9 }),
        fc.array(fc.array(extrinsic), { maxLength: 9 }),
        (heads, all) => {
          expect(decodeHeaders(encodeHeaders(heads))).toEqual(heads);
          expect(decodeBodies(encodeBodies(all))).toEqual(all);
        },
      ),
    );
    fc.assert(
      fc.property(hash, fc.nat(), fc.boolean(), fc.nat(65_535), (block, number, descending, max) => {
        for (const from of [
          { type: "Hash", value: block } as const,
          { type: "Number", value: number } as const,
        ]) {
          expect(decodeHeadersRequest(encodeHeadersRequest({ from, descending, max }))).toEqual({
            from,
            descending,
            max,
          });
        }
        expect(decodeBodiesRequest(encodeBodiesRequest([block, block]))).toEqual([block, block]);
        for (const to of [undefined, block]) {
          const request = { block, from: block.subarray(0, number % 32), to };
          expect(decodeStateRequest(encodeStateRequest(request))).toEqual(request);
        }
        expect(decodeProof(encodeProof([block]))).toEqual([block]);
        expect(decodeTransactions(encodeTransactions([block]))).toEqual([block]);
      }),
    );
  });

  test("of any other bytes are refused with a codec error, and nothing else", () => {
    const decoders = [
      decodeAnnouncement,
      decodeBodies,
      decodeBodiesRequest,
      decodeHeaders,
      decodeHeadersRequest,
      decodeProof,
      decodeStateRequest,
      decodeTransactions,
    ];
    const honest = encodeHeaders([{ header: fc.sample(header, 1)[0]!, justifications: [] }]);
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(honest.length - 1), fc.nat(255)).map(([at, byte]) => honest.with(at, byte)),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        for (const decode of decoders) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("cannot hold more than was asked for, nor small things by the million", () => {
    const [one] = fc.sample(header, 1);
    const two = encodeHeaders([one!, one!].map((header) => ({ header, justifications: [] })));
    expect(() => decodeHeaders(two, 1)).toThrow(/2 items, at most 1/);
    expect(() => decodeBodies(encodeBodies([[], []]), 1)).toThrow(/at most 1/);
    const nothings = new Array(70_000).fill(Uint8Array.of(0));
    expect(() => decodeBodies(encodeBodies([nothings]))).toThrow(/70000 extrinsics/);
    const digest = new Array(1025).fill({ type: "Other", value: new Uint8Array(0) });
    expect(() => decodeAnnouncement(encodeHeader({ ...one!, digest }))).toThrow(/1025 digest items/);
    expect(() => decodeAnnouncement(Uint8Array.of(...encodeHeader(one!), 0))).toThrow(/1 bytes after/);
  });
});
