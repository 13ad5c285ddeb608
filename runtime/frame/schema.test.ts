import { expect, expectTypeOf, test } from "vitest";
import { accountId, balance } from "../primitives/account.ts";
import { decode, encode } from "../primitives/codec.ts";
import { bytes } from "../primitives/codec-bytes.ts";
import { compact } from "../primitives/codec-compact.ts";
import { u32, u64, u128 } from "../primitives/codec-number.ts";
import { struct } from "../primitives/codec-struct.ts";
import { memoryBackend } from "../primitives/memory-backend.ts";
import { Overlay } from "../primitives/overlay.ts";
import { weight } from "../primitives/weight.ts";
import { call } from "./call.ts";
import { constant, parameter } from "./constant.ts";
import { construct } from "./construct.ts";
import { ensure } from "./dispatch-error.ts";
import { blake2Concat, twox64Concat } from "./hasher.ts";
import { rootOrigin, signedOrigin, signer } from "./origin.ts";
import { pallet } from "./pallet.ts";
import { runtimeCall } from "./runtime-call.ts";
import { schema } from "./schema.ts";
import { doubleMap, map, nMap, value } from "./storage-item.ts";

const data = struct("pallet_purse::Data", { free: u128, reserved: u128 });

const self = schema("Purse", {
  storage: {
    Total: value(u128, 0n),
    Account: map(blake2Concat(accountId), data, { free: 0n, reserved: 0n }),
    Note: map(blake2Concat(accountId), bytes),
    Pair: doubleMap(twox64Concat(u32), blake2Concat(accountId), u64),
    Triple: nMap([twox64Concat(u32), twox64Concat(u32), twox64Concat(u32)], u64, 5n),
  },
  events: { Moved: { from: accountId, to: accountId, amount: balance } },
  errors: { TooLittle: "Not enough to move.", TooMuch: "More than there is." },
  constants: { Least: constant(u128, 500n), Period: parameter(u64, 6000n) },
});
const { storage, events, errors, constants } = self;

const purse = pallet(self, {
  calls: {
    move: call(
      3,
      { to: accountId, amount: compact(u128) },
      (ctx, { to, amount }) => {
        const from = signer(ctx);
        storage.Account.mutate(ctx, from, (a) => ({ ...a, free: a.free - amount }));
        storage.Account.mutate(ctx, to, (a) => ({ ...a, free: a.free + amount }));
        events.Moved(ctx, { from, to, amount });
        ensure(amount >= constants.Least, errors.TooLittle);
      },
      { weight: weight(10n) },
    ),
    twice: call(
      4,
      { call: runtimeCall },
      (ctx, args) => {
        ctx.dispatch(args.call, ctx.origin);
        ctx.dispatch(args.call, ctx.origin);
        return { actual_weight: weight(1n) };
      },
      { weight: (args, infoOf) => infoOf(args.call).weight, class: "Operational" },
    ),
  },
});

const version = {
  spec_name: "test",
  impl_name: "test",
  authoring_version: 1,
  spec_version: 1,
  impl_version: 1,
  apis: [],
  transaction_version: 1,
  system_version: 1,
};
const deposited: Uint8Array[] = [];
const runtime = construct({ 7: purse }, { version, depositEvent: (_, event) => deposited.push(event) });
const alice = new Uint8Array(32).fill(1);
const bob = new Uint8Array(32).fill(2);
const fresh = () => runtime.context(new Overlay(memoryBackend()));

test("types follow from the declarations", () => {
  const ctx = fresh();
  expectTypeOf(storage.Account.get(ctx, alice)).toEqualTypeOf<{
    readonly free: bigint;
    readonly reserved: bigint;
  }>();
  expectTypeOf(storage.Note.get(ctx, alice)).toEqualTypeOf<Uint8Array | undefined>();
  expectTypeOf(storage.Total.get(ctx)).toEqualTypeOf<bigint>();
  expectTypeOf(constants.Least).toEqualTypeOf<bigint>();
  expectTypeOf(constants.Period(ctx)).toEqualTypeOf<bigint>();
  expectTypeOf(storage.Triple.get(ctx, 1, 2, 3)).toEqualTypeOf<bigint>();
  expectTypeOf(storage.Pair.get(ctx, 1, alice)).toEqualTypeOf<bigint | undefined>();
  type Call = Parameters<typeof runtime.call.encode>[0];
  expectTypeOf<Call["value"]["type"]>().toEqualTypeOf<"move" | "twice">();
  const wrong = () => {
    // @ts-expect-error unknown storage item
    storage.Acount.get(ctx, alice);
    // @ts-expect-error wrong field type
    events.Moved(ctx, { from: alice, to: bob, amount: 1 });
    // @ts-expect-error missing field
    events.Moved(ctx, { from: alice, amount: 1n });
    // @ts-expect-error wrong key type
    storage.Account.get(ctx, 3);
    // @ts-expect-error unknown error
    errors.Nope();
    // @ts-expect-error incomplete value
    storage.Account.set(ctx, alice, { free: 1n });
    // @ts-expect-error a value has no keys to iterate
    storage.Total.iterate(ctx);
  };
  expect(wrong).toBeTypeOf("function");
});

test("a call that works reports its event, a call that fails leaves nothing", () => {
  const ctx = fresh();
  storage.Account.set(ctx, alice, { free: 1000n, reserved: 0n });
  const move = (amount: bigint) => ({ type: "Purse", value: { type: "move", value: { to: bob, amount } } });
  expect(ctx.dispatch(move(600n), signedOrigin(alice)).ok).toBe(true);
  expect(storage.Account.get(ctx, bob).free).toBe(600n);
  expect(decode(runtime.event, deposited[0]!)).toEqual({
    type: "Purse",
    value: { type: "Moved", value: { from: alice, to: bob, amount: 600n } },
  });
  const before = ctx.storage.changes();
  expect(ctx.dispatch(move(100n), signedOrigin(alice))).toEqual({
    ok: false,
    error: { type: "Module", value: { index: 7, error: Uint8Array.of(0, 0, 0, 0) } },
    info: { actual_weight: undefined, pays_fee: "Yes" },
  });
  expect(ctx.storage.changes()).toEqual(before);
  expect(ctx.dispatch(move(100n), rootOrigin)).toMatchObject({ ok: false, error: { type: "BadOrigin" } });
});

test("a pallet that forgets a check of amounts fails its call, not the chain", () => {
  const ctx = fresh();
  const move = { type: "Purse", value: { type: "move", value: { to: bob, amount: 600n } } };
  expect(ctx.dispatch(move, signedOrigin(alice))).toMatchObject({
    ok: false,
    error: { type: "Arithmetic", value: "Overflow" },
  });
  ctx.storage.set(storage.Account.key(alice), new Uint8Array(3));
  expect(ctx.dispatch(move, signedOrigin(alice))).toMatchObject({ ok: false, error: { type: "Corruption" } });
  expect(storage.Account.exists(ctx, bob)).toBe(false);
});

test("calls inside calls round-trip, inherit weight, and are bounded in depth", () => {
  const move = { type: "Purse", value: { type: "move", value: { to: bob, amount: 1n << 70n } } } as const;
  const nested = { type: "Purse", value: { type: "twice", value: { call: move } } } as const;
  expect(decode(runtime.call, encode(runtime.call, nested))).toEqual(nested);
  expect(runtime.dispatchInfo(nested)).toEqual({
    weight: weight(10n),
    class: "Operational",
    pays_fee: "Yes",
  });
  const bomb = new Uint8Array(2000);
  for (let i = 0; i < bomb.length; i += 2) bomb.set([7, 4], i);
  expect(() => decode(runtime.call, bomb)).toThrow("nested deeper than 256 levels");
});

test("entries are found again by their keys", () => {
  const ctx = fresh();
  storage.Pair.set(ctx, 1, alice, 10n);
  storage.Pair.set(ctx, 1, bob, 11n);
  storage.Pair.set(ctx, 2, bob, 12n);
  expect([...storage.Pair.iterate(ctx, 2)]).toEqual([[2, bob, 12n]]);
  expect([...storage.Pair.keys(ctx, 1)]).toHaveLength(2);
  storage.Pair.mutate(ctx, 2, bob, () => undefined);
  expect(storage.Pair.exists(ctx, 2, bob)).toBe(false);
  storage.Pair.clear(ctx, [1]);
  expect([...storage.Pair.iterate(ctx)]).toEqual([]);
  expect(storage.Triple.get(ctx, 1, 2, 3)).toBe(5n);
  expect(storage.Triple.find(ctx, 1, 2, 3)).toBe(undefined);
});

test("a parameter is a constant of one chain", () => {
  const ctx = fresh();
  expect(constants.Period(ctx)).toBe(6000n);
  constants.Period.set(ctx, 2000n);
  expect(constants.Period(ctx)).toBe(2000n);
});
