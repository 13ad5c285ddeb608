import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DispatchInfo } from "../../runtime/frame/dispatch-info.ts";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertOk } from "../../runtime/frame/testing/expectations.ts";
import { preRuntime } from "../../runtime/primitives/digest.ts";
import { fixedOne } from "../../runtime/primitives/fixed.ts";
import { weight } from "../../runtime/primitives/weight.ts";
import { constants as balances, freeBalance, totalIssuance } from "../balances/index.ts";
import { initialize, registerExtraWeight, constants as system } from "../system/index.ts";
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
import * as Payment from "./index.ts";

/** What the chain declares for `Balances.transfer_keep_alive`: 38,159,000 ps, one read, one write. */
const transfer: DispatchInfo = {
  weight: weight(163_159_000n, 3_593n),
  class: "Normal",
  pays_fee: "Yes",
};
const ED = balances.ExistentialDeposit;

/** A chain whose present block is by charlie. */
function chainOf(author: Uint8Array | undefined = charlie) {
  const chain = testChain([
    [alice, 10n * MAI],
    [bob, 10n * MAI],
    [charlie, MAI],
  ]);
  initialize(chain.ctx, 2, new Uint8Array(32), author ? [preRuntime("pow_", author)] : []);
  return chain;
}

describe("the fee", () => {
  test("of a transfer of 142 bytes, by hand", () => {
    const { ctx } = chainOf();
    expect(ctx.runtime.dispatchInfo(transferCall)).toEqual(transfer);
    expect(Payment.computeFeeDetails(ctx, 142, transfer, 7n)).toEqual({
      inclusion_fee: {
        base_fee: 108_157_000n,
        len_fee: 142_000_000n,
        adjusted_weight_fee: 163_159_000n,
      },
      tip: 7n,
    });
    expect(Payment.computeFee(ctx, 142, transfer, 7n)).toBe(413_316_007n);
    expect(Payment.queryInfo(ctx, transfer, 142)).toEqual({
      weight: transfer.weight,
      class: "Normal",
      partial_fee: 413_316_000n,
    });
    expect(Payment.queryInfo(ctx, transfer, 142, true).partial_fee).toBe(0n);
    expect(Payment.queryFeeDetails(ctx, transfer, 142, true)).toEqual({ inclusion_fee: undefined, tip: 0n });
  });

  test("follows the multiplier in its weight alone", () => {
    const { ctx } = chainOf();
    Payment.storage.NextFeeMultiplier.set(ctx, (3n * fixedOne) / 2n);
    expect(Payment.computeFee(ctx, 142, transfer, 0n)).toBe(413_316_000n + 81_579_500n);
  });

  test("is not due where the call says so, before or after", () => {
    const { ctx } = chainOf();
    const free = { ...transfer, pays_fee: "No" } as const;
    expect(Payment.computeFee(ctx, 142, free, 3n)).toBe(3n);
    const post = { actual_weight: undefined, pays_fee: "No" } as const;
    expect(Payment.computeActualFee(ctx, 142, transfer, post, 3n)).toBe(3n);
    const half = { actual_weight: weight(63_159_000n), pays_fee: "Yes" } as const;
    expect(Payment.computeActualFee(ctx, 142, transfer, half, 3n)).toBe(413_316_003n - 100_000_000n);
  });

  test("counts no weight beyond a whole block", () => {
    expect(Payment.weightToFee(weight(10n ** 15n))).toBe(2_000_000_000_000n);
  });
});

describe("payment", () => {
  test("takes the fee, gives back the rest, pays half and the tip to the author, burns half", () => {
    const { ctx } = chainOf();
    const before = totalIssuance(ctx);
    expect(Payment.withdrawFee(ctx, alice, 1_000n)).toBe(true);
    Payment.settleFee(ctx, alice, 1_000n, 700n, 101n);
    expect(freeBalance(ctx, alice)).toBe(10n * MAI - 700n);
    // 599 of fee: 299 to the author with the tip, 300 burned.
    expect(freeBalance(ctx, charlie)).toBe(MAI + 400n);
    expect(totalIssuance(ctx)).toBe(before - 300n);
    expect(happened(ctx)).toEqual([
      ["Balances.Withdraw", { who: alice, amount: 1_000n }],
      ["Balances.Deposit", { who: alice, amount: 300n }],
      ["Balances.Deposit", { who: charlie, amount: 400n }],
      ["TransactionPayment.TransactionFeePaid", { who: alice, actual_fee: 700n, tip: 101n }],
    ]);
    assertIssuance(ctx);
  });

  test("keeps the payer alive, and says beforehand whether it could", () => {
    const { ctx } = chainOf();
    expect(Payment.canWithdrawFee(ctx, charlie, MAI - ED)).toBe(true);
    expect(Payment.canWithdrawFee(ctx, charlie, MAI - ED + 1n)).toBe(false);
    expect(Payment.withdrawFee(ctx, charlie, MAI - ED + 1n)).toBe(false);
    expect(Payment.canWithdrawFee(ctx, new Uint8Array(32), 0n)).toBe(true);
    expect(freeBalance(ctx, charlie)).toBe(MAI);
    expect(eventNames(ctx)).toEqual([]);
  });

  test("burns all when the author is unknown, or would not exist with its share", () => {
    for (const author of [undefined, new Uint8Array(32).fill(77)]) {
      const { ctx } = chainOf(author);
      if (author === undefined) initialize(ctx, 2, new Uint8Array(32), []);
      Payment.withdrawFee(ctx, alice, 1_000n);
      Payment.settleFee(ctx, alice, 1_000n, 1_000n, 0n);
      expect(totalIssuance(ctx)).toBe(21n * MAI - 1_000n);
      assertIssuance(ctx);
    }
  });

  test("does not revive an account that the call ended", () => {
    const chain = chainOf();
    Payment.withdrawFee(chain.ctx, bob, 5_000n);
    const all = { dest: { type: "Id", value: alice }, keep_alive: false };
    assertOk(chain, { type: "Balances", value: { type: "transfer_all", value: all } }, signedOrigin(bob));
    Payment.settleFee(chain.ctx, bob, 5_000n, 1_000n, 0n);
    expect(freeBalance(chain.ctx, bob)).toBe(0n);
    assertIssuance(chain.ctx);
  });
});

describe("priority", () => {
  test("is the tip plus one for each such transaction that fills a block", () => {
    // 2 * 10^12 / 163,159,000 by weight; (5 MiB * 3/4) / 142 by length.
    expect(Payment.transactionPriority(transfer, 142, 0n, 0n)).toBe(12_257n);
    expect(Payment.transactionPriority(transfer, 142, 9n, 0n)).toBe(122_570n);
    expect(Payment.transactionPriority({ ...transfer, weight: weight(0n) }, 142, 0n, 0n)).toBe(27_691n);
  });

  test("of operational transactions counts the fee five times", () => {
    const operational = { ...transfer, class: "Operational" } as const;
    const plain = Payment.transactionPriority(transfer, 142, 4n, 0n);
    expect(Payment.transactionPriority(operational, 142, 4n, 100n)).toBe(plain + 500n * 12_257n);
    expect(Payment.transactionPriority(operational, 142, 4n, 1n << 120n)).toBe((1n << 64n) - 1n);
  });
});

describe("the multiplier", () => {
  const max = system.BlockWeights.per_class.normal.max_total!;
  const part = (numerator: bigint, denominator: bigint) =>
    weight((max.ref_time * numerator) / denominator, 0n);

  test("known values of Substrate's formula, v = 0.000075, target 1/4", () => {
    // Empty: 1 - v/4 + (v/4)^2/2. Full: 1 + 3v/4 + (3v/4)^2/2. Both end within 18 decimals.
    expect(Payment.nextMultiplier(fixedOne, part(0n, 1n), max)).toBe(999_981_250_175_781_250n);
    expect(Payment.nextMultiplier(fixedOne, part(1n, 1n), max)).toBe(1_000_056_251_582_031_250n);
    expect(Payment.nextMultiplier(fixedOne, part(1n, 4n), max)).toBe(fixedOne);
  });

  test("looks at the scarcer of time and proof size", () => {
    const bySize = Payment.nextMultiplier(fixedOne, weight(0n, max.proof_size), max);
    // The largest proof size is no multiple of 4, so its quarter is rounded.
    expect(Number(1_000_056_251_582_031_250n - bySize)).toBeLessThanOrEqual(2);
    const mostlyTime = weight(max.ref_time, max.proof_size / 2n);
    expect(Payment.nextMultiplier(fixedOne, mostlyTime, max)).toBe(1_000_056_251_582_031_250n);
  });

  test("agrees with real arithmetic, and never leaves its bounds", () => {
    const multipliers = fc.bigInt({ min: fixedOne / 10n, max: fixedOne * 1000n });
    fc.assert(
      fc.property(multipliers, fc.integer({ min: 0, max: 1000 }), (previous, permille) => {
        const next = Payment.nextMultiplier(previous, part(BigInt(permille), 1000n), max);
        const x = 0.000075 * (permille / 1000 - 0.25);
        // The second term has the sign of the first, as in Substrate.
        const expected = Number(previous) * (1 + x + (x * x) / 2);
        expect(next).toBeGreaterThanOrEqual(fixedOne / 10n);
        if (next > fixedOne / 10n) expect(Math.abs(Number(next) / expected - 1)).toBeLessThan(1e-12);
      }),
    );
    expect(Payment.nextMultiplier(0n, part(0n, 1n), max)).toBe(fixedOne / 10n);
  });

  test("recovers from its minimum when blocks are a little fuller than the target", () => {
    const least = fixedOne / 10n;
    expect(Payment.nextMultiplier(least, part(2525n, 10_000n), max)).toBeGreaterThan(least);
  });

  test("moves at the end of each block", () => {
    const { ctx } = chainOf();
    registerExtraWeight(ctx, part(1n, 1n), "Normal");
    Payment.transactionPayment.onFinalize?.(ctx, 2);
    expect(Payment.storage.NextFeeMultiplier.get(ctx)).toBe(1_000_056_251_582_031_250n);
  });
});

const transferCall = {
  type: "Balances",
  value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: bob }, value: 1n } },
};
