import type { WriteCtx } from "./ctx.ts";
import type { Handle } from "./storage-item.ts";

/**
 * What falls due in which block. A block does a bounded part of it and carries the rest over, so that ten thousand
 * deadlines in one block delay one another and not the chain.
 */
export interface Agenda<K> {
  /** By block and key; the value only marks the entry. */
  readonly entries: Handle<readonly [number, K], boolean, boolean | undefined>;
  /** The earliest block that may still have entries. */
  readonly since: Handle<readonly [], number, number | undefined>;
}

/** Puts a key down for a block, which must be a later one than this. */
export function schedule<K>(ctx: WriteCtx, agenda: Agenda<K>, block: number, key: K): void {
  agenda.entries.set(ctx, block, key, true);
}

/** Takes an entry off; one that is not there is none to take. */
export function unschedule<K>(ctx: WriteCtx, agenda: Agenda<K>, block: number, key: K): void {
  agenda.entries.delete(ctx, block, key);
}

/**
 * Runs what is due by `block`, the longest overdue first, at most `limit` entries; returns how many. Each is taken off
 * before it runs, and may put down new ones for later blocks. Blocks without entries cost one look each, once.
 */
export function runDue<K>(
  ctx: WriteCtx,
  agenda: Agenda<K>,
  block: number,
  limit: number,
  run: (key: K) => void,
): number {
  let done = 0;
  const since = agenda.since.get(ctx) ?? block;
  for (let due = since; due <= block; due++) {
    for (const [, key] of agenda.entries.keys(ctx, due)) {
      if (done === limit) {
        agenda.since.set(ctx, due);
        return done;
      }
      agenda.entries.delete(ctx, due, key);
      done++;
      run(key);
    }
  }
  agenda.since.set(ctx, block + 1);
  return done;
}
