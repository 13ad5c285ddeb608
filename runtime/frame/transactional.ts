import type { WriteCtx } from "./ctx.ts";

/** Runs `body` in a storage layer of its own: when it throws, what it wrote is undone and the error goes on. */
export function transactional<T>(ctx: WriteCtx, body: () => T): T {
  ctx.storage.begin();
  try {
    const value = body();
    ctx.storage.commit();
    return value;
  } catch (error) {
    ctx.storage.rollback();
    throw error;
  }
}
