/**
 * The authority set and its history. Each change is announced in the header of its block, with no delay: votes
 * up to and on that block are the old set's, all later ones the new set's.
 */
import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import {
  type AuthorityList,
  authorityList,
  consensusLog,
  grandpaEngine,
} from "../../runtime/primitives/grandpa.ts";
import { depositLog } from "../system/index.ts";
import { constants, events, storage } from "./schema.ts";

/** A trainer that votes; `weight` is at least 1. */
export interface Authority {
  readonly trainer: AccountId;
  /** ed25519. */
  readonly key: Uint8Array;
  readonly weight: bigint;
}

/** The set that votes on the children of the present block. */
export const currentAuthorities = (ctx: ReadCtx): AuthorityList => storage.Authorities.get(ctx);

/** The number of that set. */
export const setId = (ctx: ReadCtx): bigint => storage.CurrentSetId.get(ctx);

/** The most that one authority can weigh, so that a sum of all weights is a u64. */
export const maxAuthorityWeight: bigint = (2n ** 64n - 1n) / BigInt(constants.MaxAuthorities);

/**
 * Makes these the authorities, in this order, unless they are already. An empty list changes nothing: without
 * voters nothing would ever be final again. Effects: a `FRNK` digest item, `NewAuthorities`, one more set.
 */
export function setAuthorities(ctx: Ctx, authorities: readonly Authority[]): void {
  const next = listOf(authorities);
  if (next.length === 0) return;
  if (equalBytes(encode(authorityList, next), encode(authorityList, currentAuthorities(ctx)))) return;
  const id = setId(ctx) + 1n;
  storage.CurrentSetId.set(ctx, id);
  enter(ctx, id, authorities, next);
  const oldest = id - constants.MaxSets;
  if (oldest >= 0n) forget(ctx, oldest);
  const log = encode(consensusLog, { type: "ScheduledChange", value: { next_authorities: next, delay: 0 } });
  depositLog(ctx, { type: "Consensus", value: [grandpaEngine, log] });
  events.NewAuthorities(ctx, { authority_set: next });
}

/** The authorities that the chain begins with, as set 0. */
export const setGenesisAuthorities = (ctx: WriteCtx, authorities: readonly Authority[]): void =>
  enter(ctx, 0n, authorities, listOf(authorities));

/** Whose key this was in that set; undefined if nobody's, or if the set is forgotten. */
export const trainerOf = (ctx: ReadCtx, set: bigint, key: Uint8Array): AccountId | undefined =>
  storage.Members.get(ctx, set)?.find(([theirs]) => equalBytes(theirs, key))?.[1];

function listOf(authorities: readonly Authority[]): AuthorityList {
  for (const { weight } of authorities) {
    if (weight < 1n || weight > maxAuthorityWeight) throw new Error(`no authority can weigh ${weight}`);
  }
  return authorities.map(({ key, weight }) => [key, weight] as const);
}

function enter(ctx: WriteCtx, id: bigint, authorities: readonly Authority[], list: AuthorityList): void {
  storage.Authorities.set(ctx, list);
  storage.Members.set(
    ctx,
    id,
    authorities.map(({ key, trainer }) => [key, trainer] as const),
  );
}

function forget(ctx: WriteCtx, set: bigint): void {
  storage.Members.delete(ctx, set);
  storage.Reported.clear(ctx, [set]);
}
