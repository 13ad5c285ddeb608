import { describe, expect, test } from "vitest";
import { assertThrows } from "../../runtime/frame/testing/expectations.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { readAccount } from "../system/index.ts";
import {
  alice,
  assertIssuance,
  bob,
  bond,
  charlie,
  clearEvents,
  escrow,
  happened,
  MAI,
  testChain,
  vest,
  vote,
} from "../testing/chain.ts";
import * as Balances from "./index.ts";

const ED = Balances.constants.ExistentialDeposit;
const lockA = textBytes("lock---a");
const lockB = textBytes("lock---b");
const funded = () =>
  testChain([
    [alice, 10n * MAI],
    [bob, MAI],
  ]).ctx;
const data = (ctx: ReturnType<typeof funded>, who: Uint8Array) => readAccount(ctx, who).data;

describe("holds", () => {
  test("set funds aside by reason and give them back", () => {
    const ctx = funded();
    Balances.hold(ctx, bond, alice, 3n * MAI);
    Balances.hold(ctx, escrow, alice, MAI);
    Balances.hold(ctx, bond, alice, MAI);
    expect(data(ctx, alice)).toMatchObject({ free: 5n * MAI, reserved: 5n * MAI });
    expect(Balances.balanceOnHold(ctx, bond, alice)).toBe(4n * MAI);
    expect(readAccount(ctx, alice).consumers).toBe(1);
    expect(Balances.release(ctx, bond, alice, 9n * MAI, "BestEffort")).toBe(4n * MAI);
    assertThrows(() => Balances.release(ctx, escrow, alice, 2n * MAI, "Exact"), "Token.FundsUnavailable");
    Balances.setOnHold(ctx, escrow, alice, 0n);
    expect(data(ctx, alice)).toMatchObject({ free: 10n * MAI, reserved: 0n });
    expect(readAccount(ctx, alice).consumers).toBe(0);
    expect(Balances.storage.Holds.exists(ctx, alice)).toBe(false);
  });

  test("leave the existential deposit free", () => {
    const ctx = funded();
    assertThrows(() => Balances.hold(ctx, bond, alice, 10n * MAI - ED + 1n), "Token.FundsUnavailable");
    Balances.hold(ctx, bond, alice, 10n * MAI - ED);
    assertThrows(() => Balances.hold(ctx, bond, charlie, 0n), "Token.CannotCreateHold");
  });

  test("move to others, held or free", () => {
    const ctx = funded();
    Balances.hold(ctx, bond, alice, 5n * MAI);
    Balances.transferOnHold(ctx, bond, alice, bob, 2n * MAI, "Exact", "Reserved", "Polite");
    expect(Balances.balanceOnHold(ctx, bond, bob)).toBe(2n * MAI);
    Balances.transferOnHold(ctx, bond, alice, charlie, MAI, "Exact", "Free", "Polite");
    expect(Balances.freeBalance(ctx, charlie)).toBe(MAI);
    Balances.transferAndHold(ctx, escrow, alice, bob, MAI, "Exact", "Preserve", "Polite");
    expect(Balances.balanceOnHold(ctx, escrow, bob)).toBe(MAI);
    const toNobody = () =>
      Balances.transferOnHold(ctx, bond, alice, new Uint8Array(32), MAI, "Exact", "Reserved", "Polite");
    assertThrows(toNobody, "Token.CannotCreateHold");
    const tooMuch = () =>
      Balances.transferOnHold(ctx, escrow, alice, bob, MAI, "Exact", "Reserved", "Polite");
    assertThrows(tooMuch, "Token.FundsUnavailable");
    assertIssuance(ctx);
  });

  test("are slashed and burned", () => {
    const ctx = funded();
    Balances.hold(ctx, bond, alice, 5n * MAI);
    expect(Balances.burnHeld(ctx, bond, alice, MAI, "Exact", "Force")).toBe(MAI);
    assertIssuance(ctx);
    const { taken, missing } = Balances.slashHeld(ctx, bond, alice, 9n * MAI);
    expect([taken, missing]).toEqual([4n * MAI, 5n * MAI]);
    Balances.deposit(ctx, bob, taken, "Exact");
    assertIssuance(ctx);
  });

  test("of an account without free funds burn without leaving it half alive", () => {
    const ctx = funded();
    Balances.hold(ctx, bond, alice, 10n * MAI - ED);
    Balances.burnHeld(ctx, bond, alice, 10n * MAI, "BestEffort", "Force");
    expect(readAccount(ctx, alice)).toMatchObject({ providers: 1, consumers: 0 });
    assertIssuance(ctx);
  });
});

describe("freezes and locks", () => {
  test("are floors under the whole balance, the highest counts", () => {
    const ctx = funded();
    Balances.setFreeze(ctx, vote, alice, 4n * MAI);
    Balances.setLock(ctx, lockA, alice, 6n * MAI, "All");
    Balances.setFreeze(ctx, vest, alice, 5n * MAI);
    expect(data(ctx, alice).frozen).toBe(6n * MAI);
    assertThrows(() => Balances.transfer(ctx, alice, bob, 5n * MAI, "Expendable"), "Token.Frozen");
    Balances.transfer(ctx, alice, bob, 4n * MAI, "Expendable");
    Balances.removeLock(ctx, lockA, alice);
    expect(data(ctx, alice).frozen).toBe(5n * MAI);
    Balances.thaw(ctx, vest, alice);
    Balances.thaw(ctx, vote, alice);
    expect(readAccount(ctx, alice)).toMatchObject({ consumers: 0 });
    expect(Balances.storage.Freezes.exists(ctx, alice)).toBe(false);
    expect(happened(ctx).filter(([name]) => /Locked|Unlocked|Frozen|Thawed/.test(name))).toEqual([
      ["Balances.Frozen", { who: alice, amount: 4n * MAI }],
      ["Balances.Locked", { who: alice, amount: 2n * MAI }],
      ["Balances.Unlocked", { who: alice, amount: MAI }],
      ["Balances.Thawed", { who: alice, amount: MAI }],
      ["Balances.Thawed", { who: alice, amount: 4n * MAI }],
    ]);
  });

  test("count what is on hold towards the floor", () => {
    const ctx = funded();
    Balances.setLock(ctx, lockA, alice, 8n * MAI, "All");
    Balances.hold(ctx, bond, alice, 3n * MAI);
    // 7 free, 3 held: 5 of the free must stay.
    expect(Balances.reducibleBalance(ctx, alice, "Expendable", "Polite")).toBe(2n * MAI);
    expect(Balances.reducibleBalance(ctx, alice, "Expendable", "Force")).toBe(7n * MAI - ED);
    const move = (amount: bigint) =>
      Balances.transferOnHold(ctx, bond, alice, bob, amount, "Exact", "Free", "Polite");
    assertThrows(() => move(2n * MAI + 1n), "Token.Frozen");
    move(2n * MAI);
    assertIssuance(ctx);
  });

  test("may exceed what there is", () => {
    const ctx = funded();
    Balances.setFreeze(ctx, vote, bob, 100n * MAI);
    assertThrows(() => Balances.transfer(ctx, bob, alice, 1n, "Expendable"), "Token.Frozen");
    Balances.deposit(ctx, bob, Balances.issue(ctx, 200n * MAI), "Exact");
    Balances.transfer(ctx, bob, alice, 101n * MAI, "Expendable");
  });

  test("are extended, never lowered, by extending", () => {
    const ctx = funded();
    Balances.extendLock(ctx, lockB, alice, 3n * MAI, "Fee");
    Balances.extendLock(ctx, lockB, alice, 2n * MAI, "Misc");
    expect(Balances.storage.Locks.get(ctx, alice)).toEqual([{ id: lockB, amount: 3n * MAI, reasons: "All" }]);
    Balances.extendFreeze(ctx, vote, alice, 2n * MAI);
    Balances.extendFreeze(ctx, vote, alice, MAI);
    expect(Balances.balanceFrozen(ctx, vote, alice)).toBe(2n * MAI);
    expect(Balances.balanceLocked(ctx, lockB, alice)).toBe(3n * MAI);
  });

  test("need an account that exists", () => {
    const ctx = funded();
    assertThrows(() => Balances.setFreeze(ctx, vote, charlie, 1n), "NoProviders");
  });
});

describe("reserves", () => {
  test("set funds aside for deposits", () => {
    const ctx = funded();
    expect(Balances.canReserve(ctx, alice, 10n * MAI)).toBe(false);
    assertThrows(() => Balances.reserve(ctx, alice, 11n * MAI), "Balances.InsufficientBalance");
    assertThrows(() => Balances.reserve(ctx, alice, 10n * MAI), "ConsumerRemaining");
    Balances.reserve(ctx, alice, 4n * MAI);
    expect(data(ctx, alice)).toMatchObject({ free: 6n * MAI, reserved: 4n * MAI });
    expect(Balances.unreserve(ctx, alice, 5n * MAI)).toBe(MAI);
    Balances.setLock(ctx, lockA, alice, 8n * MAI, "All");
    assertThrows(() => Balances.reserve(ctx, alice, 3n * MAI), "Balances.LiquidityRestrictions");
    expect(Balances.unreserve(ctx, charlie, 5n)).toBe(5n);
  });

  test("are moved to others who exist, and slashed", () => {
    const ctx = funded();
    Balances.reserve(ctx, alice, 4n * MAI);
    assertThrows(() => Balances.repatriateReserved(ctx, alice, charlie, MAI, "Free"), "Balances.DeadAccount");
    expect(Balances.repatriateReserved(ctx, alice, bob, 5n * MAI, "Reserved")).toBe(MAI);
    expect(data(ctx, bob)).toMatchObject({ free: MAI, reserved: 4n * MAI });
    clearEvents(ctx);
    expect(Balances.repatriateReserved(ctx, bob, alice, MAI, "Free")).toBe(0n);
    expect(happened(ctx)).toEqual([
      ["Balances.ReserveRepatriated", { from: bob, to: alice, amount: MAI, destination_status: "Free" }],
    ]);
    const { taken } = Balances.slashReserved(ctx, bob, 2n * MAI);
    Balances.rescind(ctx, taken);
    assertIssuance(ctx);
  });

  test("under a name are kept apart", () => {
    const ctx = funded();
    Balances.reserveNamed(ctx, lockB, alice, 2n * MAI);
    Balances.reserveNamed(ctx, lockA, alice, 3n * MAI);
    Balances.reserveNamed(ctx, lockA, alice, MAI);
    expect(Balances.storage.Reserves.get(ctx, alice)).toEqual([
      { id: lockA, amount: 4n * MAI },
      { id: lockB, amount: 2n * MAI },
    ]);
    expect(Balances.unreserveNamed(ctx, lockA, alice, 5n * MAI)).toBe(MAI);
    expect(Balances.repatriateReservedNamed(ctx, lockB, alice, bob, MAI, "Reserved")).toBe(0n);
    expect(Balances.reservedBalanceNamed(ctx, lockB, bob)).toBe(MAI);
    expect(Balances.slashReservedNamed(ctx, lockB, bob, 3n * MAI)).toEqual({
      taken: MAI,
      missing: 2n * MAI,
    });
    expect(Balances.storage.Reserves.exists(ctx, bob)).toBe(false);
    expect(Balances.reservedBalance(ctx, alice)).toBe(MAI);
    expect(Balances.repatriateReservedNamed(ctx, lockB, alice, alice, 2n * MAI, "Free")).toBe(MAI);
  });
});
