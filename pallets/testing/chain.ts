import { expect } from "vitest";
import { construct } from "../../runtime/frame/construct.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { pallet } from "../../runtime/frame/pallet.ts";
import { schema } from "../../runtime/frame/schema.ts";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { balances, storage as balancesStorage } from "../balances/index.ts";
import { computeScore } from "../compute-score/index.ts";
import { drilling } from "../drilling/index.ts";
import { grandpa } from "../grandpa/index.ts";
import { machines } from "../machines/index.ts";
import { marketplace } from "../marketplace/index.ts";
import { multisig } from "../multisig/index.ts";
import { poh } from "../poh/index.ts";
import { proofOfTraining } from "../proof-of-training/index.ts";
import { proxy } from "../proxy/index.ts";
import { referenda } from "../referenda/index.ts";
import { rewards } from "../rewards/index.ts";
import { sudo } from "../sudo/index.ts";
import * as System from "../system/index.ts";
import { timestamp } from "../timestamp/index.ts";
import { trainerStaking } from "../trainer-staking/index.ts";
import { transactionPayment } from "../transaction-payment/index.ts";
import { treasury } from "../treasury/index.ts";
import { utility } from "../utility/index.ts";

/** Stands for the pallets that hold and freeze funds. */
const holder = pallet(
  schema("Holder", { holdReasons: ["Bond", "Escrow"], freezeReasons: ["Vote", "Vest"] }),
  {
    calls: {},
  },
);
export const bond = { type: "Holder", value: "Bond" } as const;
export const escrow = { type: "Holder", value: "Escrow" } as const;
export const vote = { type: "Holder", value: "Vote" } as const;
export const vest = { type: "Holder", value: "Vest" } as const;

/** The pallets with the indices that they have on the chain. */
const runtime = construct(
  {
    0: System.system,
    1: timestamp,
    2: balances,
    3: transactionPayment,
    4: utility,
    5: sudo,
    6: poh,
    7: grandpa,
    8: computeScore,
    9: trainerStaking,
    10: machines,
    11: drilling,
    12: marketplace,
    13: proofOfTraining,
    14: rewards,
    15: treasury,
    16: referenda,
    17: multisig,
    18: proxy,
    200: holder,
  },
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

/** A chain in its first block, over a state in memory, in which these accounts are endowed. */
export function testChain(endowed: readonly (readonly [who: Uint8Array, free: bigint])[] = []): TestChain {
  const ctx = runtime.context(new Overlay(memoryBackend()));
  balances.genesis?.build(ctx, { balances: endowed });
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

/** One token. */
export const MAI = 1_000_000_000_000n;

/** Total issuance must equal the sum of all balances. */
export function assertIssuance(ctx: Ctx): void {
  let sum = 0n;
  for (const [, { data }] of System.storage.Account.iterate(ctx)) sum += data.free + data.reserved;
  expect(sum).toBe(balancesStorage.TotalIssuance.get(ctx));
}
