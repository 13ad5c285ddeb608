import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { depositLog } from "../system/index.ts";
import { engine } from "./claim.ts";
import { consensusLog } from "./consensus-log.ts";
import { type Authority, constants, storage } from "./schema.ts";

/** Who may author in an epoch, in the order by which headers name them; the present epoch's unless told. */
export const authorities = (ctx: ReadCtx, epoch: "current" | "next" = "current"): readonly Authority[] =>
  (epoch === "next" ? storage.NextAuthorities : storage.Authorities).get(ctx);

/**
 * Freezes the list of the epoch after the next one. Meant for the first block of an epoch, before whose randomness
 * nobody knows that of the epoch planned here. An empty list changes nothing: the chain never stops for want of
 * trainers. Throws for a list that cannot be.
 */
export function planAuthorities(ctx: WriteCtx, list: readonly Authority[]): void {
  if (list.length > 0) storage.PlannedAuthorities.set(ctx, possible(list));
}

/** The list of the epochs 0, 1 and 2. Throws for one that cannot be. */
export function planGenesis(ctx: WriteCtx, list: readonly Authority[]): void {
  const first = possible(list);
  for (const item of [storage.Authorities, storage.NextAuthorities, storage.PlannedAuthorities]) {
    item.set(ctx, first);
  }
}

/**
 * Takes all weight from a trainer in the next two epochs, whose lists are frozen already. Effects: a digest item, since
 * the next list was announced with its weight.
 */
export function suspend(ctx: Ctx, trainer: AccountId): void {
  for (const item of [storage.NextAuthorities, storage.PlannedAuthorities]) {
    const list = item.get(ctx);
    if (!list.some((entry) => equalBytes(entry.trainer, trainer))) continue;
    const without = list.map((entry) =>
      equalBytes(entry.trainer, trainer) ? { ...entry, weight: 0n } : entry,
    );
    item.set(ctx, withWeight(without));
  }
  const log = encode(consensusLog, { type: "Suspended", value: { trainer } });
  depositLog(ctx, { type: "Consensus", value: [engine, log] });
}

function possible(list: readonly Authority[]): readonly Authority[] {
  if (list.length > constants.MaxAuthorities) {
    throw new Error(`${list.length} authorities, at most ${constants.MaxAuthorities} are allowed`);
  }
  const total = list.reduce((sum, { weight }) => sum + weight, 0n);
  if (total >> 128n !== 0n) throw new Error(`the weights sum up to ${total}, 2^128 or more`);
  return withWeight(list);
}

/** Where nobody has any weight, all weigh the same: the chain never stops for want of work. */
const withWeight = (list: readonly Authority[]): readonly Authority[] =>
  list.some(({ weight }) => weight > 0n) ? list : list.map((entry) => ({ ...entry, weight: 1n }));
