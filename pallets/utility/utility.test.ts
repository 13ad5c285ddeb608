import { describe, expect, test } from "vitest";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { addWeight, weight } from "../../runtime/primitives/weight.ts";
import { freeBalance } from "../balances/index.ts";
import {
  alice,
  assertIssuance,
  bob,
  charlie,
  eventNames,
  happened,
  MAI,
  testChain,
} from "../testing/chain.ts";
import { constants, derivativeAccount } from "./index.ts";
import * as weights from "./weights.ts";

const call = (type: string, value: unknown): AnyCall => ({ type: "Utility", value: { type, value } });
const pay = (to: Uint8Array, value: bigint): AnyCall => ({
  type: "Balances",
  value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: to }, value } },
});
const remark: AnyCall = { type: "System", value: { type: "remark", value: { remark: new Uint8Array(3) } } };
const byAlice = signedOrigin(alice);
const tooMuch = pay(bob, 99n * MAI);
const funded = () =>
  testChain([
    [alice, 10n * MAI],
    [bob, MAI],
  ]);

describe("batches", () => {
  test("stop at the first failure and keep what came before", () => {
    const chain = funded();
    const calls = [pay(bob, MAI), tooMuch, pay(bob, MAI)];
    const report = assertOk(chain, call("batch", { calls }), byAlice);
    expect(freeBalance(chain.ctx, bob)).toBe(2n * MAI);
    expect(eventNames(chain.ctx)).toEqual([
      "Balances.Transfer",
      "Utility.ItemCompleted",
      "Utility.BatchInterrupted",
    ]);
    expect(happened(chain.ctx).at(-1)![1]).toMatchObject({ index: 1, error: { type: "Arithmetic" } });
    const each = chain.ctx.runtime.dispatchInfo(tooMuch).weight;
    expect(report.actual_weight).toEqual(addWeight(weights.batch(2), addWeight(each, each)));
    assertIssuance(chain.ctx);
  });

  test("that are all-or-nothing undo everything", () => {
    const chain = funded();
    const error = "Arithmetic.Underflow";
    assertNoop(chain, call("batch_all", { calls: [pay(bob, MAI), tooMuch] }), byAlice, error);
    assertOk(chain, call("batch_all", { calls: [pay(bob, MAI), pay(charlie, MAI)] }), byAlice);
    expect(freeBalance(chain.ctx, charlie)).toBe(MAI);
    expect(eventNames(chain.ctx).at(-1)).toBe("Utility.BatchCompleted");
  });

  test("that are all-or-nothing do not nest, except for root", () => {
    const chain = funded();
    const nested = call("batch_all", { calls: [call("batch_all", { calls: [remark] })] });
    assertNoop(chain, nested, byAlice, "System.CallFiltered");
    const hidden = call("batch_all", {
      calls: [call("batch", { calls: [call("batch_all", { calls: [] })] })],
    });
    assertOk(chain, hidden, byAlice);
    expect(eventNames(chain.ctx)).toContain("Utility.BatchInterrupted");
    assertOk(chain, nested, rootOrigin);
  });

  test("that are forced go on", () => {
    const chain = funded();
    assertOk(chain, call("force_batch", { calls: [tooMuch, pay(bob, MAI)] }), byAlice);
    expect(eventNames(chain.ctx)).toEqual([
      "Utility.ItemFailed",
      "Balances.Transfer",
      "Utility.ItemCompleted",
      "Utility.BatchCompletedWithErrors",
    ]);
    assertOk(chain, call("force_batch", { calls: [remark] }), byAlice);
    expect(eventNames(chain.ctx).at(-1)).toBe("Utility.BatchCompleted");
  });

  test("are bounded, and closed to nobody's origin", () => {
    const chain = funded();
    const calls = new Array(constants.batched_calls_limit + 1).fill(remark);
    for (const type of ["batch", "batch_all", "force_batch"]) {
      assertNoop(chain, call(type, { calls }), byAlice, "Utility.TooManyCalls");
      assertNoop(chain, call(type, { calls: [] }), noneOrigin, "BadOrigin");
    }
  });

  test("weigh what their calls weigh, and are operational if all of them are", () => {
    const { ctx } = funded();
    const operational: AnyCall = { type: "System", value: { type: "set_heap_pages", value: { pages: 1n } } };
    const infoOf = ctx.runtime.dispatchInfo;
    expect(infoOf(call("batch", { calls: [operational] })).class).toBe("Operational");
    expect(infoOf(call("batch", { calls: [operational, remark] })).class).toBe("Normal");
    expect(infoOf(call("batch_all", { calls: [remark, remark] })).weight).toEqual(
      addWeight(weights.batchAll(2), addWeight(infoOf(remark).weight, infoOf(remark).weight)),
    );
  });
});

describe("derived accounts", () => {
  test("are those of polkadot.js", async () => {
    const { createKeyDerived } = await import("@polkadot/util-crypto");
    for (const index of [0, 1, 65_535]) {
      expect(derivativeAccount(alice, index)).toEqual(createKeyDerived(alice, index));
    }
  });

  test("act for their owner", () => {
    const chain = funded();
    const derived = derivativeAccount(alice, 7);
    assertOk(chain, pay(derived, 2n * MAI), byAlice);
    assertOk(chain, call("as_derivative", { index: 7, call: pay(bob, MAI) }), byAlice);
    expect(freeBalance(chain.ctx, derived)).toBe(MAI);
    const failing = call("as_derivative", { index: 7, call: pay(bob, MAI) });
    assertNoop(chain, failing, byAlice, "Token.NotExpendable");
    assertNoop(chain, call("as_derivative", { index: 7, call: remark }), rootOrigin, "BadOrigin");
  });
});

describe("other origins", () => {
  const asBob = { type: "system", value: { type: "Signed", value: bob } };

  test("are root's to take", () => {
    const chain = funded();
    const take = (type: string, inner: AnyCall) => call(type, { as_origin: asBob, call: inner });
    assertNoop(chain, take("dispatch_as", remark), byAlice, "BadOrigin");
    assertOk(chain, take("dispatch_as", pay(alice, MAI / 2n)), rootOrigin);
    expect(freeBalance(chain.ctx, bob)).toBe(MAI / 2n);
    assertOk(chain, take("dispatch_as", tooMuch), rootOrigin);
    expect(happened(chain.ctx).at(-1)).toMatchObject(["Utility.DispatchedAs", { result: { type: "Err" } }]);
    assertNoop(chain, take("dispatch_as_fallible", tooMuch), rootOrigin, "Arithmetic.Underflow");
    assertOk(chain, take("dispatch_as_fallible", remark), rootOrigin);
  });

  test("with_weight takes root's word for the weight", () => {
    const chain = funded();
    const made = call("with_weight", { call: remark, weight: weight(5n, 6n) });
    expect(chain.ctx.runtime.dispatchInfo(made).weight).toEqual(weight(5n, 6n));
    assertNoop(chain, made, byAlice, "BadOrigin");
    assertOk(chain, made, rootOrigin);
  });
});

test("if the main call fails, the other is made in its place", () => {
  const chain = funded();
  const choose = (main: AnyCall, fallback: AnyCall) => call("if_else", { main, fallback });
  assertOk(chain, choose(remark, tooMuch), byAlice);
  expect(eventNames(chain.ctx)).toEqual(["Utility.IfElseMainSuccess"]);
  assertOk(chain, choose(tooMuch, pay(bob, MAI)), byAlice);
  expect(happened(chain.ctx).at(-1)).toMatchObject([
    "Utility.IfElseFallbackCalled",
    { main_error: { type: "Arithmetic" } },
  ]);
  assertNoop(chain, choose(tooMuch, tooMuch), byAlice, "Arithmetic.Underflow");
  assertNoop(chain, choose(remark, remark), noneOrigin, "BadOrigin");
});
