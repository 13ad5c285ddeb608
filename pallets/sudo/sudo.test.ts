import { expect, test } from "vitest";
import { rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { weight } from "../../runtime/primitives/weight.ts";
import { freeBalance } from "../balances/index.ts";
import { alice, bob, eventNames, happened, MAI, testChain } from "../testing/chain.ts";
import { storage, sudo } from "./index.ts";

const call = (type: string, value: unknown): AnyCall => ({ type: "Sudo", value: { type, value } });
const id = (value: Uint8Array) => ({ type: "Id", value });
const endowBob: AnyCall = {
  type: "Balances",
  value: { type: "force_set_balance", value: { who: id(bob), new_free: 5n * MAI } },
};

function chainOfAlice() {
  const chain = testChain([[alice, MAI]]);
  sudo.genesis?.build(chain.ctx, { key: alice });
  return chain;
}

test("the sudo account acts as root, for free, and whatever becomes of the call is told", () => {
  const chain = chainOfAlice();
  const inner = call("sudo", { call: endowBob });
  assertNoop(chain, inner, signedOrigin(bob), "Sudo.RequireSudo");
  expect(assertOk(chain, inner, signedOrigin(alice)).pays_fee).toBe("No");
  expect(freeBalance(chain.ctx, bob)).toBe(5n * MAI);
  expect(happened(chain.ctx).at(-1)).toEqual(["Sudo.Sudid", { sudo_result: { type: "Ok" } }]);
  const remark: AnyCall = {
    type: "System",
    value: { type: "remark_with_event", value: { remark: new Uint8Array() } },
  };
  assertOk(chain, call("sudo", { call: remark }), signedOrigin(alice));
  expect(happened(chain.ctx).at(-1)).toEqual([
    "Sudo.Sudid",
    { sudo_result: { type: "Err", value: { type: "BadOrigin" } } },
  ]);
});

test("weights are the inner call's, or what the sudo account says", () => {
  const { runtime } = chainOfAlice().ctx;
  const told = call("sudo_unchecked_weight", { call: endowBob, weight: weight(3n) });
  expect(runtime.dispatchInfo(told).weight).toEqual(weight(3n));
  expect(runtime.dispatchInfo(call("sudo", { call: endowBob })).weight.ref_time).toBeGreaterThan(
    runtime.dispatchInfo(endowBob).weight.ref_time,
  );
});

test("it acts as others", () => {
  const chain = chainOfAlice();
  assertOk(chain, call("sudo", { call: endowBob }), signedOrigin(alice));
  const pay: AnyCall = {
    type: "Balances",
    value: { type: "transfer_keep_alive", value: { dest: id(alice), value: MAI } },
  };
  assertOk(chain, call("sudo_as", { who: id(bob), call: pay }), signedOrigin(alice));
  expect(freeBalance(chain.ctx, bob)).toBe(4n * MAI);
  expect(eventNames(chain.ctx).at(-1)).toBe("Sudo.SudoAsDone");
});

test("the key changes hands and is removed for good, by its holder or by root", () => {
  const chain = chainOfAlice();
  const toBob = call("set_key", { new: id(bob) });
  assertNoop(chain, toBob, signedOrigin(bob), "Sudo.RequireSudo");
  assertOk(chain, toBob, signedOrigin(alice));
  expect(happened(chain.ctx)).toEqual([["Sudo.KeyChanged", { old: alice, new: bob }]]);
  assertNoop(chain, toBob, signedOrigin(alice), "Sudo.RequireSudo");
  assertOk(chain, call("remove_key", {}), rootOrigin);
  expect(storage.Key.get(chain.ctx)).toBeUndefined();
  assertNoop(chain, call("remove_key", {}), signedOrigin(bob), "Sudo.RequireSudo");
});
