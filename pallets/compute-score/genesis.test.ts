import { expect, test } from "vitest";
import { alice, bob, eventNames, person, testChain } from "../testing/chain.ts";
import { storage as timestamp } from "../timestamp/index.ts";
import { computeScore, constants, credit, scoresOf, storage, weightOf } from "./index.ts";

const t0 = 1_700_000_000_000n;
const weekMs = 604_800_000n;

function begun(scores: readonly (readonly [who: Uint8Array, drilling: bigint, training: bigint])[]) {
  const { ctx } = testChain();
  const given = scores.map(([trainer, drilling, training]) => ({ trainer, drilling, training }));
  computeScore.genesis?.build(ctx, { scores: given });
  return ctx;
}

test("a score of genesis begins to decay with the time of the first block", () => {
  const ctx = begun([[alice, 100n, 100n]]);
  expect(weightOf(ctx, alice, t0)).toBe(100n);
  timestamp.Now.set(ctx, t0);
  computeScore.onFinalize?.(ctx, 1);
  expect(eventNames(ctx)).toEqual(["ComputeScore.ScoreStarted", "ComputeScore.ScoreStarted"]);
  expect(weightOf(ctx, alice, t0)).toBe(100n);
  expect(weightOf(ctx, alice, t0 + weekMs)).toBe(50n);
  timestamp.Now.set(ctx, t0 + weekMs);
  computeScore.onFinalize?.(ctx, 2);
  expect(weightOf(ctx, alice, t0 + weekMs)).toBe(50n);
});

test("a credit in the first block finds the score dated", () => {
  const ctx = begun([[alice, 100n, 100n]]);
  timestamp.Now.set(ctx, t0);
  const source = { type: "Order", value: 1 } as const;
  credit(ctx, { trainer: alice, kind: "Drilling", work: 0n, start: t0, end: t0, source });
  computeScore.onFinalize?.(ctx, 1);
  expect(eventNames(ctx)).toEqual([
    "ComputeScore.ScoreStarted",
    "ComputeScore.Credited",
    "ComputeScore.ScoreStarted",
  ]);
  expect(weightOf(ctx, alice, t0)).toBe(100n);
});

test("only the first block pays for the dates, by their number", () => {
  const ctx = begun([
    [alice, 1n, 0n],
    [bob, 1n, 0n],
  ]);
  const two = computeScore.onInitialize?.(ctx, 1);
  const none = computeScore.onInitialize?.(ctx, 2);
  expect(none).toEqual({ ref_time: 0n, proof_size: 0n });
  storage.Scores.delete(ctx, bob);
  const one = computeScore.onInitialize?.(ctx, 1);
  expect(two?.ref_time).toBe(2n * (one?.ref_time ?? 0n));
});

test("scores are listed page by page, each once", () => {
  const all = Array.from({ length: 7 }, (_, i) => person(i + 1));
  const ctx = begun(all.map((who) => [who, 10n, 0n]));
  const pages = [0, 3, 6, 9].map((start) => scoresOf(ctx, start, 3));
  expect(pages.map((p) => p.length)).toEqual([3, 3, 1, 0]);
  const listed = pages.flat().map(({ trainer }) => trainer[0]!);
  expect(listed.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(pages[0]![0]).toMatchObject({ drilling: { total: 0n, effective: 10n }, weight: 4n });
});

test("genesis refuses scores that cannot be", () => {
  const most = constants.MaxGenesisScore;
  expect(() => begun([[alice, most, most]])).not.toThrow();
  expect(() => begun([[alice, most + 1n, 0n]])).toThrow(`at most ${most}`);
  expect(() => begun([[alice, 0n, most + 1n]])).toThrow(`at most ${most}`);
  expect(() => begun([[alice, 0n, 0n]])).toThrow("more than nothing");
  expect(() =>
    begun([
      [alice, 1n, 0n],
      [alice, 1n, 0n],
    ]),
  ).toThrow("two starting scores");
  const many = Array.from({ length: 1001 }, (_, i) => {
    return [new Uint8Array(32).fill(i % 256, 0, 1 + (i >> 8)), 1n, 0n] as const;
  });
  expect(() => begun(many)).toThrow("1001 starting scores, at most 1000");
});
