/** What a unit counts in tokens, and the bonds that follow from it. */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { constants as balances } from "../balances/index.ts";
import { constants as score } from "../compute-score/index.ts";
import { constants } from "./schema.ts";

const million = 1_000_000n;
const uutPerUt = BigInt(score.UutPerUt);

/**
 * A unit's value: the reward, and what its score counts. At least the existential deposit, so that no payment measured
 * by it is too small for an account.
 */
export function unitValue(ctx: ReadCtx, difficulty: bigint, reward: bigint): bigint {
  const forScore = (difficulty * constants.UtValue(ctx) + uutPerUt - 1n) / uutPerUt;
  return largerOf(reward + forScore, balances.ExistentialDeposit);
}

/** A member's bond in a round of `members`: 1.5 times the value for each other, so that a liar can make all others whole. */
export function bondFor(value: bigint, members: number): bigint {
  const bond = (value * BigInt(members - 1) * BigInt(constants.BondShare) + million - 1n) / million;
  // What is left of it after a penalty must not be too small either.
  return largerOf(bond, 4n * balances.ExistentialDeposit);
}

/** The bond of one trusted alone: a lie is found with the chance of an audit, and must cost what all lies could bring. */
export const trustedBondFor = (value: bigint, quorum: number): bigint =>
  largerOf(bondFor(value, quorum), (value * million) / BigInt(constants.AuditRate));

/** Members of a round that follows a dispute. */
export const disputeSize = (quorum: number): number => Math.max(quorum, constants.MinDisputeQuorum);

/** The most rewards that one unit can cost: the largest round, and one who was audited before it. */
export const rewardsPerUnit = (quorum: number): bigint => BigInt(disputeSize(quorum) + 1);
