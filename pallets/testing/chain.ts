import { construct } from "../../runtime/frame/construct.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import * as System from "../system/index.ts";
import { timestamp } from "../timestamp/index.ts";

/** The pallets with the indices that they have on the chain. */
const runtime = construct(
  { 0: System.system, 1: timestamp },
  {
    version: {
      spec_name: "matrixai-test",
      impl_name: "matrixai-test",
      authoring_version: 1,
      spec_version: 7,
      impl_version: 1,
      apis: [],
      transaction_version: 1,
      system_version: 1,
    },
    depositEvent: System.depositEvent,
  },
);

/** A chain in its first block, over a state in memory. */
export function testChain(): TestChain {
  const ctx = runtime.context(new Overlay(memoryBackend()));
  System.initialize(ctx, 1, new Uint8Array(32), []);
  System.noteFinishedInitialize(ctx);
  return { ctx, runtime };
}

/** An account made of one byte. */
export const person = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
export const alice = person(1);
export const bob = person(2);
export const charlie = person(3);

/** What has happened in the block, as `["Balances.Transfer", fields]`. */
export const happened = (ctx: Ctx): [name: string, fields: unknown][] =>
  System.storage.Events.get(ctx).map(({ event }) => [`${event.type}.${event.value.type}`, event.value.value]);

/** Only the names of what has happened. */
export const eventNames = (ctx: Ctx): string[] => happened(ctx).map(([name]) => name);

/** Forgets what has happened so far. */
export function clearEvents(ctx: Ctx): void {
  System.storage.Events.delete(ctx);
  System.storage.EventCount.delete(ctx);
}
