import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { sameReason } from "../../../runtime/frame/reason.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { storage as balances } from "../../balances/index.ts";
import { voteReason } from "../locks.ts";
import { depositReason } from "../propose.ts";
import { constants, storage } from "../schema.ts";

/**
 * What must hold between any two calls: tallies are the sums of votes, each voter's hold is the largest of its votes,
 * deposits of what is being voted on are on hold, and nothing is left of what has ended.
 */
export function assertReferenda(ctx: Ctx): void {
  const open = storage.Open.get(ctx);
  expect(open.length).toBeLessThanOrEqual(constants.MaxOpen);
  const votes = new Map<string, bigint>();
  const deposits = new Map<string, bigint>();
  for (const { index, stage } of open) {
    const info = storage.ReferendumInfo.get(ctx, index)!;
    const sums = { ayes: 0n, nays: 0n };
    for (const [, voter, { aye, bonded, locked }] of storage.Votes.iterate(ctx, index)) {
      sums[aye ? "ayes" : "nays"] += bonded + locked;
      const who = toHex(voter);
      if (locked > (votes.get(who) ?? 0n)) votes.set(who, locked);
    }
    expect(storage.Proposals.exists(ctx, index)).toBe(stage !== "Ended");
    if (stage !== "Voting") continue;
    expect(sums, `tally of referendum ${index}`).toEqual(info.tally);
    const proposer = toHex(info.proposer);
    deposits.set(proposer, (deposits.get(proposer) ?? 0n) + info.deposit);
  }
  expect(heldFor(ctx, voteReason), "on hold for votes").toEqual(votes);
  expect(heldFor(ctx, depositReason), "on hold for proposals").toEqual(deposits);
  const numbers = open.map(({ index }) => index);
  expect([...storage.ReferendumInfo.keys(ctx)].map(([index]) => index).toSorted((a, b) => a - b)).toEqual(
    numbers,
  );
  for (const [index] of storage.Votes.keys(ctx)) expect(numbers).toContain(index);
}

function heldFor(ctx: Ctx, reason: typeof voteReason | typeof depositReason): Map<string, bigint> {
  const held = new Map<string, bigint>();
  for (const [who, holds] of balances.Holds.iterate(ctx)) {
    const found = holds.find(({ id }) => sameReason(id, reason));
    if (found) held.set(toHex(who), found.amount);
  }
  return held;
}
