import { describe, expect, test } from "vitest";
import { rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { incConsumers, incProviders, readAccount, storage as system } from "../system/index.ts";
import { alice, assertIssuance, bob, charlie, happened, MAI, person, testChain } from "../testing/chain.ts";
import * as Balances from "./index.ts";

const ED = Balances.constants.ExistentialDeposit;
const id = (value: Uint8Array) => ({ type: "Id", value }) as const;
const call = (type: string, value: unknown) => ({ type: "Balances", value: { type, value } });
const keepAlive = (to: Uint8Array, value: bigint) => call("transfer_keep_alive", { dest: id(to), value });
const allowDeath = (to: Uint8Array, value: bigint) => call("transfer_allow_death", { dest: id(to), value });
const byAlice = signedOrigin(alice);

describe("transfers", () => {
  test("move free balance between accounts and tell so", () => {
    const chain = testChain([
      [alice, 10n * MAI],
      [bob, MAI],
    ]);
    assertOk(chain, keepAlive(bob, 3n * MAI), byAlice);
    expect(Balances.freeBalance(chain.ctx, alice)).toBe(7n * MAI);
    expect(Balances.freeBalance(chain.ctx, bob)).toBe(4n * MAI);
    expect(happened(chain.ctx)).toEqual([["Balances.Transfer", { from: alice, to: bob, amount: 3n * MAI }]]);
    assertIssuance(chain.ctx);
  });

  test("to a new account create it, in FRAME's order of events", () => {
    const chain = testChain([[alice, 10n * MAI]]);
    assertNoop(chain, keepAlive(bob, ED - 1n), byAlice, "Token.BelowMinimum");
    assertOk(chain, keepAlive(bob, ED), byAlice);
    expect(happened(chain.ctx)).toEqual([
      ["System.NewAccount", { account: bob }],
      ["Balances.Endowed", { account: bob, free_balance: ED }],
      ["Balances.Transfer", { from: alice, to: bob, amount: ED }],
    ]);
    expect(readAccount(chain.ctx, bob)).toMatchObject({ nonce: 0, providers: 1, consumers: 0 });
  });

  test("that leave less than the existential deposit end the account, or are refused", () => {
    const chain = testChain([
      [alice, MAI],
      [bob, MAI],
    ]);
    const most = MAI - ED;
    assertNoop(chain, keepAlive(bob, most + 1n), byAlice, "Token.NotExpendable");
    assertNoop(chain, allowDeath(bob, MAI + 1n), byAlice, "Token.FundsUnavailable");
    assertNoop(chain, allowDeath(bob, 3n * MAI), byAlice, "Arithmetic.Underflow");
    assertOk(chain, allowDeath(bob, most + 1n), byAlice);
    expect(happened(chain.ctx)).toEqual([
      ["System.KilledAccount", { account: alice }],
      ["Balances.DustLost", { account: alice, amount: ED - 1n }],
      ["Balances.Transfer", { from: alice, to: bob, amount: most + 1n }],
    ]);
    expect(system.Account.exists(chain.ctx, alice)).toBe(false);
    expect(Balances.totalIssuance(chain.ctx)).toBe(2n * MAI - (ED - 1n));
    assertIssuance(chain.ctx);
  });

  test("end an account with its nonce, without dust when all goes", () => {
    const chain = testChain([
      [alice, MAI],
      [bob, MAI],
    ]);
    assertOk(chain, call("transfer_all", { dest: id(bob), keep_alive: false }), byAlice);
    expect(happened(chain.ctx)).toEqual([
      ["System.KilledAccount", { account: alice }],
      ["Balances.Transfer", { from: alice, to: bob, amount: MAI }],
    ]);
    assertIssuance(chain.ctx);
  });

  test("of all but the deposit keep the account", () => {
    const chain = testChain([
      [alice, MAI],
      [bob, MAI],
    ]);
    assertOk(chain, call("transfer_all", { dest: id(bob), keep_alive: true }), byAlice);
    expect(Balances.freeBalance(chain.ctx, alice)).toBe(ED);
  });

  test("to oneself change nothing, not even for an account that could not spare the amount", () => {
    const chain = testChain([
      [alice, MAI],
      [bob, ED],
    ]);
    assertOk(chain, keepAlive(alice, MAI / 2n), byAlice);
    assertNoop(chain, keepAlive(alice, MAI), byAlice, "Token.NotExpendable");
    assertOk(chain, allowDeath(bob, 1n), signedOrigin(bob));
    expect(Balances.freeBalance(chain.ctx, bob)).toBe(ED);
    expect(happened(chain.ctx)).toEqual([]);
    assertIssuance(chain.ctx);
  });

  test("respect what consumers need", () => {
    const chain = testChain([
      [alice, MAI],
      [bob, MAI],
    ]);
    incConsumers(chain.ctx, alice);
    assertNoop(chain, allowDeath(bob, MAI), byAlice, "Token.Frozen");
    incProviders(chain.ctx, alice);
    assertOk(chain, allowDeath(bob, MAI), byAlice);
    expect(readAccount(chain.ctx, alice)).toMatchObject({ providers: 1, consumers: 1 });
    expect(Balances.totalBalance(chain.ctx, alice)).toBe(0n);
  });

  test("only go to addresses that name an account", () => {
    const chain = testChain([[alice, MAI]]);
    const dest = { type: "Raw", value: bob };
    assertNoop(chain, call("transfer_keep_alive", { dest, value: ED }), byAlice, "CannotLookup");
  });

  test("are forced by root alone", () => {
    const chain = testChain([[alice, MAI]]);
    const force = call("force_transfer", { source: id(alice), dest: id(bob), value: MAI / 4n });
    assertNoop(chain, force, byAlice, "BadOrigin");
    assertOk(chain, force, rootOrigin);
    expect(Balances.freeBalance(chain.ctx, bob)).toBe(MAI / 4n);
  });
});

describe("other calls", () => {
  test("root sets a balance, and issuance follows", () => {
    const chain = testChain([[alice, MAI]]);
    const set = (who: Uint8Array, new_free: bigint) => call("force_set_balance", { who: id(who), new_free });
    assertNoop(chain, set(bob, MAI), byAlice, "BadOrigin");
    assertOk(chain, set(bob, 5n * MAI), rootOrigin);
    assertIssuance(chain.ctx);
    assertOk(chain, set(alice, ED - 1n), rootOrigin);
    expect(system.Account.exists(chain.ctx, alice)).toBe(false);
    expect(Balances.totalIssuance(chain.ctx)).toBe(5n * MAI);
    expect(happened(chain.ctx).map(([name]) => name)).toEqual([
      "System.NewAccount",
      "Balances.Endowed",
      "Balances.Issued",
      "Balances.BalanceSet",
      "System.KilledAccount",
      "Balances.Rescinded",
      "Balances.BalanceSet",
    ]);
  });

  test("root corrects the issuance, not below what is inactive", () => {
    const chain = testChain([[alice, MAI]]);
    const adjust = (direction: string, delta: bigint) =>
      call("force_adjust_total_issuance", { direction, delta });
    assertNoop(chain, adjust("Increase", 0n), rootOrigin, "Balances.DeltaZero");
    assertOk(chain, adjust("Increase", 5n), rootOrigin);
    Balances.deactivate(chain.ctx, MAI);
    expect(Balances.activeIssuance(chain.ctx)).toBe(5n);
    assertNoop(chain, adjust("Decrease", 6n), rootOrigin, "Balances.IssuanceDeactivated");
    assertOk(chain, adjust("Decrease", 5n), rootOrigin);
    assertIssuance(chain.ctx);
  });

  test("whoever burns their own lowers the issuance", () => {
    const chain = testChain([[alice, MAI]]);
    const burn = (value: bigint, keep_alive: boolean) => call("burn", { value, keep_alive });
    assertNoop(chain, burn(MAI, true), byAlice, "Token.FundsUnavailable");
    assertOk(chain, burn(MAI / 2n, true), byAlice);
    expect(Balances.totalIssuance(chain.ctx)).toBe(MAI / 2n);
    assertOk(chain, burn(MAI / 2n, false), byAlice);
    expect(Balances.totalIssuance(chain.ctx)).toBe(0n);
  });

  test("accounts of the old rules are upgraded for free", () => {
    const chain = testChain([[alice, MAI]]);
    const old = (byte: number, reserved: bigint) => {
      const info = { ...readAccount(chain.ctx, person(byte)), providers: 1 };
      info.data = { free: MAI, reserved, frozen: 0n, flags: 0n };
      system.Account.set(chain.ctx, person(byte), info);
    };
    old(50, 0n);
    old(51, 7n);
    const upgrade = (...who: Uint8Array[]) => call("upgrade_accounts", { who });
    expect(assertOk(chain, upgrade(person(50), person(51)), byAlice).pays_fee).toBe("No");
    expect(readAccount(chain.ctx, person(51)).consumers).toBe(1);
    expect(readAccount(chain.ctx, person(50)).data.flags).toBe(1n << 127n);
    expect(assertOk(chain, upgrade(person(50), charlie), byAlice).pays_fee).toBe("Yes");
    expect(assertOk(chain, upgrade(), byAlice).pays_fee).toBe("Yes");
  });

  test("genesis refuses balances that cannot be", () => {
    expect(() => testChain([[alice, ED - 1n]])).toThrow("existential deposit");
    expect(() =>
      testChain([
        [alice, ED],
        [alice, ED],
      ]),
    ).toThrow("two balances");
  });
});
