/** Tokens on the whole runtime: what blocks mint, fees burn, the treasury spends by vote, and authors claim. */
import { expect, test } from "vitest";
import { balanceOnHold, freeBalance, totalIssuance } from "../pallets/balances/index.ts";
import { voterKey } from "../pallets/grandpa/testing/double-vote.ts";
import { assertReferenda } from "../pallets/referenda/testing/invariants.ts";
import { constants as rewards, vestingReason } from "../pallets/rewards/index.ts";
import { assertRewards } from "../pallets/rewards/testing/invariants.ts";
import { happened } from "../pallets/testing/chain.ts";
import { assertStakingInvariants } from "../pallets/trainer-staking/testing/invariants.ts";
import { executeBlock } from "./executive.ts";
import type { Ctx } from "./frame/ctx.ts";
import { type RuntimeCall, runtime } from "./index.ts";
import { treasuryAccount } from "./primitives/account.ts";
import { Overlay } from "./primitives/overlay.ts";
import { alice, type BuiltBlock, bob, charlie, TestChain, transfer, unit } from "./testing/test-chain.ts";

const endowed = 10_000n * unit;
const bond = 500n * unit;
const epochLength = 4n;

function begin(): TestChain {
  const { publicKey } = charlie;
  return new TestChain({
    Balances: { balances: [alice, bob, charlie].map((pair) => [pair.publicKey, endowed]) },
    Poh: { epochLength },
    Rewards: { vestingPeriod: 10 },
    Referenda: { votingPeriod: 3, enactmentDelay: 2 },
    TrainerStaking: {
      trainers: [{ trainer: publicKey, poh_key: publicKey, gran_key: voterKey("//Charlie").publicKey, bond }],
    },
  });
}

const ctxOf = (chain: TestChain): Ctx => runtime.context(chain.view());

interface Facts {
  readonly reward: bigint;
  readonly actual_fee: bigint;
  readonly tip: bigint;
}

/** What a block minted and burned, by its events. */
function change(ctx: Ctx): bigint {
  let sum = 0n;
  for (const [name, fields] of happened(ctx)) {
    const { reward, actual_fee, tip } = fields as Facts;
    if (name === "Rewards.BlockRewarded") sum += reward;
    // Half of the fee, rounded up, is burned; the tip is the author's.
    if (name === "TransactionPayment.TransactionFeePaid") sum -= (actual_fee - tip + 1n) / 2n;
  }
  return sum;
}

const propose: RuntimeCall = {
  type: "Referenda",
  value: {
    type: "propose",
    value: {
      proposal: {
        type: "Treasury",
        value: {
          type: "spend_local",
          value: { amount: 3n * unit, beneficiary: { type: "Id", value: bob.publicKey } },
        },
      },
    },
  },
};
const vote = (locked: bigint): RuntimeCall => ({
  type: "Referenda",
  value: { type: "vote", value: { index: 0, aye: true, locked } },
});
const claim: RuntimeCall = { type: "Rewards", value: { type: "claim_vested", value: {} } };

test("block by block, issuance is what was minted less what was burned; votes spend, authors claim", () => {
  const chain = begin();
  const replay = begin();
  let issued = totalIssuance(ctxOf(chain));
  expect(issued).toBe(3n * endowed);
  const names: string[] = [];

  const build = (extrinsics: readonly Uint8Array[] = []): BuiltBlock => {
    const built = chain.build(extrinsics);
    for (const result of built.results) expect(result).toMatchObject({ type: "Ok", value: { type: "Ok" } });
    const ctx = ctxOf(chain);
    issued += change(ctx);
    expect(totalIssuance(ctx)).toBe(issued);
    names.push(...happened(ctx).map(([name]) => name));
    assertStakingInvariants(ctx);
    assertRewards(ctx);
    assertReferenda(ctx);
    // Whoever executes the same block comes to the same state.
    const storage = new Overlay(replay.backend);
    executeBlock(storage, built.block);
    replay.backend.apply(storage.changes());
    return built;
  };

  build();
  build([chain.sign(alice, transfer(bob, unit), { tip: 7n })]);
  build([chain.sign(alice, propose, { nonce: 1 })]);
  build([chain.sign(alice, vote(2_000n * unit), { nonce: 2 }), chain.sign(charlie, vote(0n))]);
  for (let i = 0; i < 4; i++) build();
  const ctx = ctxOf(chain);
  expect(names).toContain("Referenda.Enacted");
  expect(names).toContain("Treasury.Awarded");
  expect(freeBalance(ctx, bob.publicKey)).toBe(endowed + 4n * unit);
  expect(freeBalance(ctx, treasuryAccount)).toBeGreaterThan(4n * unit);
  expect(freeBalance(ctx, rewards.PoolAccount)).toBeGreaterThan(7n * unit);

  const held = balanceOnHold(ctx, vestingReason, charlie.publicKey);
  expect(held).toBeGreaterThan(47n * unit);
  build([chain.sign(charlie, claim, { nonce: 1 })]);
  expect(names).toContain("Rewards.VestingClaimed");
  // 8 blocks of ten of the first reward, and so on; less what this block has put on hold.
  expect(balanceOnHold(ctxOf(chain), vestingReason, charlie.publicKey)).toBeLessThan(held);
});
