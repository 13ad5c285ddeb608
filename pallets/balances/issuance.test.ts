import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import { rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { transactional } from "../../runtime/frame/transactional.ts";
import { largerOf, smallerOf } from "../../runtime/primitives/amounts.ts";
import { storage as system } from "../system/index.ts";
import { assertIssuance, bond, escrow, MAI, person, testChain, vote } from "../testing/chain.ts";
import * as Balances from "./index.ts";

const ED = Balances.constants.ExistentialDeposit;
const people = [1, 2, 3, 4].map(person);
const someone = fc.constantFrom(...people);
/** Amounts around the edges: of nothing, of the existential deposit, of all that somebody has. */
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 3n * ED }),
  fc.bigInt({ min: 0n, max: 4n * MAI }),
  fc.constantFrom(1n, ED - 1n, ED, ED + 1n, MAI, MAI - 1n, MAI - ED, MAI - ED + 1n, 2n * MAI - 1n),
);
const preservation = fc.constantFrom("Expendable", "Protect", "Preserve");
const precision = fc.constantFrom("Exact", "BestEffort");
const fortitude = fc.constantFrom("Polite", "Force");
const destination = fc.constantFrom("Free", "Reserved");
const reason = fc.constantFrom(bond, escrow);
const name = fc.constantFrom(person(9).slice(0, 8), person(8).slice(0, 8));

type Step = (ctx: Ctx) => unknown;
const step = <T extends unknown[]>(
  parts: { [I in keyof T]: fc.Arbitrary<T[I]> },
  act: (ctx: Ctx, ...args: T) => unknown,
): fc.Arbitrary<Step> => fc.tuple<T>(...parts).map((args) => (ctx: Ctx) => act(ctx, ...args));

const byCall = (ctx: Ctx, type: string, value: unknown, who?: Uint8Array) =>
  ctx.dispatch({ type: "Balances", value: { type, value } }, who ? signedOrigin(who) : rootOrigin);
const id = (value: Uint8Array) => ({ type: "Id", value });

/** Whatever a user, root, or another pallet can do to balances. Credits are settled, as their owners must. */
const steps: fc.Arbitrary<Step> = fc.oneof(
  step([someone, someone, amount, preservation], Balances.transfer),
  step([someone, someone, fc.boolean()], (ctx, from, to, keep_alive) =>
    byCall(ctx, "transfer_all", { dest: id(to), keep_alive }, from),
  ),
  step([someone, amount], (ctx, who, new_free) =>
    byCall(ctx, "force_set_balance", { who: id(who), new_free }),
  ),
  step([someone, amount], Balances.mint),
  step([someone, amount, preservation, precision, fortitude], Balances.burn),
  step([someone, someone, amount, amount], (ctx, from, to, value, share) => {
    const credit = Balances.withdraw(ctx, from, value, "Exact", "Preserve", "Polite");
    Balances.payCredit(ctx, to, smallerOf(share, credit), credit);
  }),
  step([reason, someone, amount], Balances.hold),
  step([reason, someone, amount, precision], Balances.release),
  step([reason, someone, amount, precision, fortitude], Balances.burnHeld),
  step(
    [reason, someone, someone, amount, precision, destination, fortitude],
    (ctx, why, from, to, value, how, where, force) =>
      Balances.transferOnHold(ctx, why, from, to, value, how, where, force),
  ),
  step([reason, someone, someone, amount, precision, preservation, fortitude], Balances.transferAndHold),
  step([reason, someone, amount], (ctx, why, who, value) =>
    Balances.rescind(ctx, Balances.slashHeld(ctx, why, who, value).taken),
  ),
  step([someone, amount], (ctx, who, value) => Balances.setFreeze(ctx, vote, who, value)),
  step([name, someone, amount], (ctx, lock, who, value) => Balances.setLock(ctx, lock, who, value, "All")),
  step([name, someone, amount], Balances.reserveNamed),
  step([name, someone, amount], Balances.unreserveNamed),
  step([name, someone, someone, amount, destination], Balances.repatriateReservedNamed),
);

function checkAccounts(ctx: Ctx): void {
  assertIssuance(ctx);
  for (const [who, info] of system.Account.iterate(ctx)) {
    const { free, reserved, frozen } = info.data;
    const sum = (list: readonly { amount: bigint }[]) =>
      list.reduce((total, { amount }) => total + amount, 0n);
    const high = (list: readonly { amount: bigint }[]) =>
      list.reduce((most, { amount }) => largerOf(amount, most), 0n);
    const holds = Balances.storage.Holds.get(ctx, who);
    expect(reserved).toBe(sum(holds) + sum(Balances.storage.Reserves.get(ctx, who)));
    expect(frozen).toBe(
      high([...Balances.storage.Locks.get(ctx, who), ...Balances.storage.Freezes.get(ctx, who)]),
    );
    // The account is kept by its free balance alone, and consumed by anything that stands on it.
    expect(info.providers).toBe(free >= ED ? 1 : 0);
    expect(info.consumers).toBe(reserved > 0n || frozen > 0n ? 1 : 0);
    expect(free).toBeGreaterThanOrEqual(ED);
  }
}

test("after any sequence of acts issuance is the sum of balances, and every account is in order", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (acts) => {
      const { ctx } = testChain([
        [people[0]!, 2n * MAI],
        [people[1]!, ED],
        [people[2]!, MAI],
      ]);
      for (const act of acts) {
        try {
          transactional(ctx, () => act(ctx));
        } catch (error) {
          if (!(error instanceof DispatchError)) throw error;
        }
        checkAccounts(ctx);
      }
    }),
    { numRuns: 300 },
  );
});
