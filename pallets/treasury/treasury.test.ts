import { expect, test } from "vitest";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { palletAccount, treasuryAccount } from "../../runtime/primitives/account.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { freeBalance } from "../balances/index.ts";
import { alice, assertIssuance, bob, happened, MAI, testChain } from "../testing/chain.ts";
import { pot } from "./index.ts";

const ED = 1_000_000_000n;
const spend = (beneficiary: Uint8Array, amount: bigint) =>
  ({
    type: "Treasury",
    value: { type: "spend_local", value: { amount, beneficiary: { type: "Id", value: beneficiary } } },
  }) as const;

test("the account is the one that stock tools derive for py/trsry", () => {
  // As on Polkadot: 13UVJyLnbVp9RBZYFwFGyDvVd1y27Tt8tkntv6Q7JVPhFsTB.
  expect(toHex(treasuryAccount)).toBe(`0x6d6f646c70792f7472737279${"00".repeat(20)}`);
  expect(toHex(palletAccount("py/drill"))).toBe(`0x6d6f646c70792f6472696c6c${"00".repeat(20)}`);
});

test("root spends; the event tells number, amount, account and what is left", () => {
  const chain = testChain([[treasuryAccount, 10n * MAI]]);
  assertOk(chain, spend(bob, 3n * MAI), rootOrigin);
  assertOk(chain, spend(alice, 7n * MAI - ED), rootOrigin);
  expect(freeBalance(chain.ctx, bob)).toBe(3n * MAI);
  expect(pot(chain.ctx)).toBe(0n);
  expect(happened(chain.ctx).filter(([name]) => name === "Treasury.Awarded")).toEqual([
    ["Treasury.Awarded", { proposal_index: 0, award: 3n * MAI, account: bob, remaining: 7n * MAI - ED }],
    ["Treasury.Awarded", { proposal_index: 1, award: 7n * MAI - ED, account: alice, remaining: 0n }],
  ]);
  assertIssuance(chain.ctx);
});

test("nobody else spends, and not what is not there", () => {
  const chain = testChain([
    [treasuryAccount, 10n * MAI],
    [alice, 10n * MAI],
  ]);
  assertNoop(chain, spend(alice, MAI), signedOrigin(alice), "BadOrigin");
  assertNoop(chain, spend(alice, MAI), signedOrigin(treasuryAccount), "BadOrigin");
  assertNoop(chain, spend(alice, MAI), noneOrigin, "BadOrigin");
  assertNoop(chain, spend(alice, 0n), rootOrigin, "Treasury.ZeroAmount");
  assertNoop(chain, spend(treasuryAccount, MAI), rootOrigin, "Treasury.OwnAccount");
  assertNoop(chain, spend(alice, 10n * MAI - ED + 1n), rootOrigin, "Treasury.InsufficientFunds");
  assertNoop(chain, spend(alice, (1n << 128n) - 1n), rootOrigin, "Treasury.InsufficientFunds");
  assertNoop(chain, spend(bob, ED - 1n), rootOrigin, "Token.BelowMinimum");
  assertNoop(
    chain,
    {
      type: "Treasury",
      value: { type: "spend_local", value: { amount: MAI, beneficiary: { type: "Index", value: 0 } } },
    },
    rootOrigin,
    "CannotLookup",
  );
  expect(pot(testChain().ctx)).toBe(0n);
});
