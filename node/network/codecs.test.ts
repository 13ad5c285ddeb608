import fc from "fast-check";
import { expect, test } from "vitest";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { readAnswer } from "./answer.ts";
import { decodeStatus, encodeStatus, statusBytes } from "./status-codec.ts";
import { topicNames, topics } from "./topics.ts";
import { wireNames } from "./wire-names.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const number = fc.integer({ min: 0, max: 0xffff_ffff });

test("a status comes back as it was told, in its fixed length", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("full", "authority"),
      hash,
      hash,
      hash,
      number,
      number,
      (role, g, b, f, x, y) => {
        const [low, high] = [Math.min(x, y), Math.max(x, y)];
        const status = {
          role,
          best: { hash: b, number: high },
          finalized: { hash: f, number: low },
        } as const;
        const bytes = encodeStatus(status, g);
        expect(bytes).toHaveLength(statusBytes);
        expect(decodeStatus(bytes)).toEqual({ ...status, genesis: g, version: 1 });
      },
    ),
  );
});

test("any other bytes are refused as no status", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        const status = decodeStatus(bytes);
        expect(Buffer.from(encodeStatus(status, status.genesis).subarray(1))).toEqual(
          Buffer.from(bytes.subarray(1)),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
      }
    }),
  );
  const good = encodeStatus(
    {
      role: "full",
      best: { hash: new Uint8Array(32), number: 1 },
      finalized: { hash: new Uint8Array(32), number: 2 },
    },
    new Uint8Array(32),
  );
  expect(() => decodeStatus(good)).toThrow("above the best");
  expect(() => decodeStatus(good.fill(7, 1, 2))).toThrow("role");
});

test("every frame is a part, a refusal, or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (frame) => {
      const answer = readAnswer(frame);
      if (answer.type === "part") expect(answer.bytes).toEqual(frame.subarray(1));
      else if (answer.type === "refusal") expect(frame).toHaveLength(1);
      else expect(frame[0] === undefined || frame[0] > 5 || (frame[0] > 1 && frame.length > 1)).toBe(true);
    }),
  );
});

test("chains and forks share no name", () => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const all = [wireNames(one), wireNames(one, "a"), wireNames(one, "b"), wireNames(other)];
  const names = all.flatMap((names) => [names.protocol("status/1"), names.topic("blocks")]);
  expect(new Set(names).size).toBe(names.length);
  expect(all[1]!.protocol("status/1")).toBe(`/${"01".repeat(32)}/a/status/1`);
  expect(() => wireNames(one, "A/b")).toThrow("fork id");
  expect(() => wireNames(one.subarray(1))).toThrow("32 bytes");
  for (const name of topicNames)
    expect(topics[name].burst).toBeGreaterThanOrEqual(topics[name].perPeerPerSecond);
});
