import type { TestChain } from "../../../runtime/frame/testing/expectations.ts";
import type { Digest } from "../../../runtime/primitives/digest.ts";
import * as System from "../../system/index.ts";
import { clearEvents, person, testChain } from "../../testing/chain.ts";
import { storage as time, constants as timestamp } from "../../timestamp/index.ts";
import { type Authority, type Claim, claimItems, lotteryOf, poh } from "../index.ts";

export const slotMs = 2_000n;
export const epochLength = 10n;

/** One of a list of trainers that tests name by small numbers. */
export const trainer = (n: number, weight = 1n): Authority => ({
  trainer: person(n),
  key: person(100 + n),
  weight,
});

/** A chain whose blocks begin and end with the lottery's hooks, and do nothing else. */
export interface SlotChain extends TestChain {
  /** Makes the next block in a slot, with this output, by the first trainer unless told. Returns its digest. */
  block(slot: bigint, claim?: Partial<Claim>, act?: () => void): Digest;
}

export function slotChain(authorities: readonly Authority[], randomness = new Uint8Array(32)): SlotChain {
  const chain = testChain();
  const { ctx } = chain;
  poh.genesis?.build(ctx, { epochLength, randomness, authorities });
  timestamp.MinimumPeriod.set(ctx, slotMs / 2n);
  let number = 0;
  return {
    ...chain,
    block(slot, claim = {}, act = () => undefined) {
      const all: Claim = {
        slot,
        kind: "Secondary",
        trainer_index: 0,
        vrf_output: new Uint8Array(32).fill(Number(slot % 251n)),
        vrf_proof: new Uint8Array(64),
        ...claim,
      };
      const author = lotteryOf(ctx, slot).authorities[all.trainer_index]?.trainer ?? person(0);
      clearEvents(ctx);
      System.initialize(ctx, ++number, new Uint8Array(32), claimItems(author, all));
      poh.onInitialize?.(ctx, number);
      time.Now.set(ctx, slot * slotMs);
      System.noteFinishedInitialize(ctx);
      act();
      poh.onFinalize?.(ctx, number);
      return System.storage.Digest.get(ctx).logs;
    },
  };
}
