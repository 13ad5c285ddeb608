import { expect, test } from "vitest";
import { noneOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { alice, testChain } from "../testing/chain.ts";
import { constants, now, storage, timestamp } from "./index.ts";

const set = (moment: bigint) => ({ type: "Timestamp", value: { type: "set", value: { now: moment } } });

test("a block sets its time exactly once, by nobody's signature", () => {
  const chain = testChain();
  assertNoop(chain, set(1_000n), signedOrigin(alice), "BadOrigin");
  assertOk(chain, set(1_000n), noneOrigin);
  expect(now(chain.ctx)).toBe(1_000n);
  assertNoop(chain, set(9_000n), noneOrigin, "Other");
  timestamp.onFinalize?.(chain.ctx, 1);
  expect(storage.DidUpdate.exists(chain.ctx)).toBe(false);
  expect(() => timestamp.onFinalize?.(chain.ctx, 2)).toThrow("does not set its time");
});

test("time moves on by at least the minimum period", () => {
  const chain = testChain();
  storage.Now.set(chain.ctx, 10_000n);
  assertNoop(chain, set(12_999n), noneOrigin, "Other");
  constants.MinimumPeriod.set(chain.ctx, 1_000n);
  assertNoop(chain, set(10_999n), noneOrigin, "Other");
  assertOk(chain, set(11_000n), noneOrigin);
});

test("the author proposes the clock's time, or the earliest allowed; others hold it against their clocks", () => {
  const { ctx } = testChain();
  const inherent = timestamp.inherent!;
  const clock = (ms: bigint) => encode(u64, ms);
  storage.Now.set(ctx, 10_000n);
  expect(inherent.create(ctx, clock(50_000n))).toEqual({ type: "set", value: { now: 50_000n } });
  expect(inherent.create(ctx, clock(11_000n))).toEqual({ type: "set", value: { now: 13_000n } });
  const check = (moment: bigint, ms: bigint) =>
    inherent.check?.(ctx, { type: "set", value: { now: moment } }, clock(ms));
  expect(check(50_000n, 20_000n)).toBeUndefined();
  expect(check(50_001n, 20_000n)).toContain("future");
  expect(check(12_999n, 20_000n)).toContain("early");
});
