import { describe, expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import * as Balances from "../balances/index.ts";
import { readAccount, storage as system } from "../system/index.ts";
import { alice, assertIssuance, bob, charlie, happened, MAI, testChain } from "../testing/chain.ts";
import * as Pallet from "./index.ts";

const id = (value: Uint8Array) => ({ type: "Id", value }) as const;
const call = (type: string, value: unknown = {}): AnyCall => ({ type: "Proxy", value: { type, value } });
const transfer = (to: Uint8Array, value: bigint): AnyCall => ({
  type: "Balances",
  value: { type: "transfer_keep_alive", value: { dest: id(to), value } },
});
const remark: AnyCall = {
  type: "System",
  value: { type: "remark_with_event", value: { remark: new Uint8Array(3) } },
};
const terms = (delegate: Uint8Array, proxy_type = "Any", delay = 0) => ({
  delegate: id(delegate),
  proxy_type,
  delay,
});
const as = (real: Uint8Array, inner: AnyCall, force_proxy_type?: string) =>
  call("proxy", { real: id(real), force_proxy_type, call: inner });

const by = { alice: signedOrigin(alice), bob: signedOrigin(bob), charlie: signedOrigin(charlie) };
const { ProxyDepositBase, ProxyDepositFactor, AnnouncementDepositBase, AnnouncementDepositFactor } =
  Pallet.constants;
const reserved = (chain: ReturnType<typeof testChain>, who: Uint8Array) =>
  readAccount(chain.ctx, who).data.reserved;

const chainOfThree = () =>
  testChain([
    [alice, 100n * MAI],
    [bob, 100n * MAI],
    [charlie, MAI],
  ]);

/** The error of the call that a proxy made last; `undefined` when it succeeded. */
function lastError(chain: ReturnType<typeof testChain>): unknown {
  const [name, fields] = happened(chain.ctx).at(-1)!;
  expect(name).toBe("Proxy.ProxyExecuted");
  const { result } = fields as { result: { type: string; value: unknown } };
  return result.type === "Ok" ? undefined : result.value;
}
const filtered = { type: "Module", value: { index: 0, error: Uint8Array.of(5, 0, 0, 0) } };

describe("a registered proxy", () => {
  test("acts for its principal, with the principal's funds", () => {
    const chain = chainOfThree();
    assertNoop(chain, as(alice, transfer(charlie, MAI)), by.bob, "Proxy.NotProxy");
    assertOk(chain, call("add_proxy", terms(bob)), by.alice);
    assertOk(chain, as(alice, transfer(charlie, MAI)), by.bob);
    expect(lastError(chain)).toBeUndefined();
    expect(Balances.freeBalance(chain.ctx, charlie)).toBe(2n * MAI);
    expect(Balances.freeBalance(chain.ctx, bob)).toBe(100n * MAI);
    assertIssuance(chain.ctx);
  });

  test("costs a deposit that comes back", () => {
    const chain = chainOfThree();
    assertOk(chain, call("add_proxy", terms(bob)), by.alice);
    expect(reserved(chain, alice)).toBe(ProxyDepositBase + ProxyDepositFactor);
    assertOk(chain, call("add_proxy", terms(charlie, "NonTransfer")), by.alice);
    expect(reserved(chain, alice)).toBe(ProxyDepositBase + 2n * ProxyDepositFactor);
    assertNoop(chain, call("remove_proxy", terms(charlie, "Any")), by.alice, "Proxy.NotFound");
    assertOk(chain, call("remove_proxy", terms(charlie, "NonTransfer")), by.alice);
    assertOk(chain, call("remove_proxies"), by.alice);
    expect(reserved(chain, alice)).toBe(0n);
    expect(Pallet.storage.Proxies.exists(chain.ctx, alice)).toBe(false);
  });

  test("is registered once, is somebody else, and one of 32 at most", () => {
    const chain = chainOfThree();
    assertOk(chain, call("add_proxy", terms(bob)), by.alice);
    assertNoop(chain, call("add_proxy", terms(bob)), by.alice, "Proxy.Duplicate");
    assertNoop(chain, call("add_proxy", terms(alice)), by.alice, "Proxy.NoSelfProxy");
    for (let delay = 1; delay < 32; delay++)
      assertOk(chain, call("add_proxy", terms(bob, "Any", delay)), by.alice);
    assertNoop(chain, call("add_proxy", terms(charlie)), by.alice, "Proxy.TooMany");
  });

  test("is kept in the order that Rust derives: account, type, delay", () => {
    const chain = chainOfThree();
    for (const t of [
      terms(charlie),
      terms(bob, "NonTransfer", 1),
      terms(bob, "Any", 300),
      terms(bob, "Any", 2),
    ]) {
      assertOk(chain, call("add_proxy", t), by.alice);
    }
    const [proxies] = Pallet.storage.Proxies.get(chain.ctx, alice);
    expect(proxies.map((p) => [p.delegate[0], p.proxy_type, p.delay])).toEqual([
      [bob[0], "Any", 2],
      [bob[0], "Any", 300],
      [bob[0], "NonTransfer", 1],
      [charlie[0], "Any", 0],
    ]);
  });

  test("of a lesser type is kept to what its type permits, and cannot raise itself", () => {
    const chain = chainOfThree();
    assertOk(chain, call("add_proxy", terms(bob, "NonTransfer")), by.alice);
    assertOk(chain, as(alice, remark), by.bob);
    expect(lastError(chain)).toBeUndefined();
    for (const forbidden of [
      transfer(bob, MAI),
      call("add_proxy", terms(bob, "Any")),
      call("remove_proxies"),
      as(alice, transfer(bob, MAI)),
    ]) {
      assertOk(chain, as(alice, forbidden), by.bob);
      expect(happened(chain.ctx).some(([name]) => name === "Balances.Transfer")).toBe(false);
    }
    assertOk(chain, as(alice, transfer(bob, MAI)), by.bob);
    expect(lastError(chain)).toEqual(filtered);
    assertNoop(chain, as(alice, remark, "Any"), by.bob, "Proxy.NotProxy");
  });
});

describe("a proxy with a delay", () => {
  const inner = transfer(charlie, MAI);
  const call_hash = blake2_256(encode(runtimeCall, inner));
  const announced = call("proxy_announced", { delegate: id(bob), real: id(alice), call: inner });

  test("announces first, then waits, and anybody may make the call", () => {
    const chain = chainOfThree();
    assertOk(chain, call("add_proxy", terms(bob, "Any", 10)), by.alice);
    assertNoop(chain, as(alice, inner), by.bob, "Proxy.Unannounced");
    assertNoop(chain, announced, by.charlie, "Proxy.Unannounced");
    assertNoop(chain, call("announce", { real: id(alice), call_hash }), by.charlie, "Proxy.NotProxy");
    assertOk(chain, call("announce", { real: id(alice), call_hash }), by.bob);
    expect(reserved(chain, bob)).toBe(AnnouncementDepositBase + AnnouncementDepositFactor);
    system.Number.set(chain.ctx, 10);
    assertNoop(chain, announced, by.charlie, "Proxy.Unannounced");
    system.Number.set(chain.ctx, 11);
    assertOk(chain, announced, by.charlie);
    expect(lastError(chain)).toBeUndefined();
    expect(reserved(chain, bob)).toBe(0n);
    assertNoop(chain, announced, by.charlie, "Proxy.Unannounced");
  });

  test("is stopped by its principal, or stops itself", () => {
    const chain = chainOfThree();
    assertOk(chain, call("add_proxy", terms(bob, "Any", 1)), by.alice);
    assertOk(chain, call("announce", { real: id(alice), call_hash }), by.bob);
    assertOk(chain, call("reject_announcement", { delegate: id(bob), call_hash }), by.alice);
    assertNoop(chain, call("remove_announcement", { real: id(alice), call_hash }), by.bob, "Proxy.NotFound");
    assertOk(chain, call("announce", { real: id(alice), call_hash }), by.bob);
    assertOk(chain, call("remove_announcement", { real: id(alice), call_hash }), by.bob);
    expect(reserved(chain, bob)).toBe(0n);
  });
});

describe("a pure proxy", () => {
  const spawn = { proxy_type: "Any", delay: 0, index: 0 };

  test("is an account that only its creator moves, until it ends itself", () => {
    const chain = chainOfThree();
    assertOk(chain, call("create_pure", spawn), by.alice);
    const [, created] = happened(chain.ctx).at(-1)! as [string, { pure: Uint8Array }];
    assertNoop(chain, call("create_pure", spawn), by.alice, "Proxy.Duplicate");
    assertOk(chain, transfer(created.pure, 5n * MAI), by.bob);
    assertOk(chain, as(created.pure, transfer(charlie, MAI)), by.alice);
    expect(Balances.freeBalance(chain.ctx, charlie)).toBe(2n * MAI);
    const kill = call("kill_pure", {
      spawner: id(alice),
      proxy_type: "Any",
      index: 0,
      height: 1,
      ext_index: 0,
    });
    assertNoop(chain, kill, by.bob, "Proxy.NoPermission");
    assertOk(chain, as(created.pure, kill), by.alice);
    expect(lastError(chain)).toBeUndefined();
    expect(reserved(chain, alice)).toBe(0n);
    assertNoop(chain, as(created.pure, remark), by.alice, "Proxy.NotProxy");
  });

  test("has an address that follows from where it was created", () => {
    const { ctx } = testChain();
    const addresses = [
      Pallet.pureAccount(ctx, alice, "Any", 0, [1, 0]),
      Pallet.pureAccount(ctx, alice, "Any", 0, [1, 1]),
      Pallet.pureAccount(ctx, alice, "Any", 1, [1, 0]),
      Pallet.pureAccount(ctx, alice, "NonTransfer", 0, [1, 0]),
      Pallet.pureAccount(ctx, bob, "Any", 0, [1, 0]),
    ].map(toHex);
    expect(new Set(addresses).size).toBe(5);
    // "modlpy/proxy____", 32 bytes of the account, u32 height, u32 extrinsic, u8 type, u16 index: 59 bytes in all.
    const entropy = new Uint8Array(59);
    entropy.set(new TextEncoder().encode("modlpy/proxy____"));
    entropy.set(alice, 16);
    entropy[48] = 1;
    expect(addresses[0]).toBe(toHex(blake2_256(entropy)));
  });
});

test("poking a deposit that is right changes nothing and pays", () => {
  const chain = chainOfThree();
  assertOk(chain, call("add_proxy", terms(bob)), by.alice);
  expect(assertOk(chain, call("poke_deposit"), by.alice).pays_fee).toBe("Yes");
  expect(reserved(chain, alice)).toBe(ProxyDepositBase + ProxyDepositFactor);
});
