import { expect, test } from "vitest";
import { scoreInfo } from "../../pallets/compute-score/index.ts";
import { callApi } from "../apis.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { decode, encode } from "../primitives/codec.ts";
import { vec } from "../primitives/codec-list.ts";
import { u32 } from "../primitives/codec-number.ts";
import { alice, bob, TestChain } from "../testing/test-chain.ts";

const many = Array.from({ length: 1000 }, (_, i) => ({
  trainer: Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? i % 256 : i >> 8)),
  drilling: 10n,
  training: 0n,
}));
const chain = new TestChain({ ComputeScore: { scores: many } });
const slotMs = 6000n;

const score = (account: Uint8Array) =>
  decode(scoreInfo, callApi(chain.view(), "ComputeScoreApi_score", account));
const scores = (start: number, count: number) => {
  const args = concatBytes(encode(u32, start), encode(u32, count));
  return decode(vec(scoreInfo), callApi(chain.view(), "ComputeScoreApi_scores", args));
};

test("clients read scores as they are at the time of the block", () => {
  const first = many[0]!.trainer;
  expect(score(first)).toMatchObject({ drilling: { total: 0n, effective: 10n }, weight: 4n, at: 0n });
  chain.build([]);
  const { at, drilling } = score(first);
  expect(drilling.effective_exact).toBe(10n << 128n);
  chain.build([]);
  const later = score(first);
  expect(later.at).toBe(at + slotMs);
  expect(later.drilling.effective_exact).toBeLessThan(10n << 128n);
  expect(score(bob.publicKey)).toMatchObject({ trainer: bob.publicKey, total: 0n, weight: 0n });
  expect(score(alice.publicKey).training).toEqual({ total: 0n, effective: 0n, effective_exact: 0n });
});

test("a page has at most a thousand scores, wherever it begins", () => {
  expect(scores(0, 2 ** 32 - 1)).toHaveLength(1000);
  expect(scores(998, 10)).toHaveLength(2);
  expect(scores(2 ** 32 - 1, 10)).toEqual([]);
  expect(scores(3, 0)).toEqual([]);
});
