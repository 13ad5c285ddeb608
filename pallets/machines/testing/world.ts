/** Trainers and their machines on a chain whose blocks run no hooks but those under test. */
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { assertOk, type TestChain } from "../../../runtime/frame/testing/expectations.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import { encode } from "../../../runtime/primitives/codec.ts";
import { u32 } from "../../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { storage as poh, constants as pohConstants } from "../../poh/index.ts";
import { storage as system } from "../../system/index.ts";
import { clearEvents, MAI, person, testChain } from "../../testing/chain.ts";
import { storage as timestamp } from "../../timestamp/index.ts";
import { trainerStaking } from "../../trainer-staking/index.ts";
import { madeUpKeys } from "../../trainer-staking/testing/keys.ts";
import { machines, storage } from "../index.ts";

export const slotMs = 6_000n;
export const startMs = 1_700_000_000_000n;

/** What each trainer bonds, and what it has besides. */
export const bonded = 1_000n * MAI;
export const spending = 10_000n * MAI;

/** The id of the first machine of `person(n)`, and of others. */
export const machineIdOf = (n: number, which = 0): Uint8Array => new Uint8Array(16).fill(n).fill(which, 15);

export interface World extends TestChain {
  /** Makes so many blocks: each has its own randomness and is a slot later. Events are those of the last one. */
  next(blocks?: number): void;
  /** Goes to a later epoch, in a new block. */
  epoch(index: bigint): void;
}

/** Persons 1 to `count` are trainers; `hooks` run at the beginning of each block, the machines' first. */
export function trainersWorld(
  count: number,
  hooks: readonly ((ctx: Ctx, block: number) => void)[] = [],
  others: readonly (readonly [Uint8Array, bigint])[] = [],
): World {
  const people = Array.from({ length: count }, (_, i) => person(i + 1));
  const chain = testChain([...people.map((who) => [who, bonded + spending] as const), ...others]);
  const { ctx } = chain;
  pohConstants.EpochLength.set(ctx, 100n);
  trainerStaking.genesis?.build(ctx, {
    trainers: people.map((trainer, i) => {
      const { poh: poh_key, gran: gran_key } = madeUpKeys(i + 1);
      return { trainer, poh_key, gran_key, bond: bonded };
    }),
    minBond: 100n * MAI,
    unbondingEpochs: 10,
  });
  timestamp.Now.set(ctx, startMs);
  poh.EpochIndex.set(ctx, 5n);
  const world: World = {
    ...chain,
    next(blocks = 1) {
      for (let i = 0; i < blocks; i++) {
        const block = system.Number.get(ctx) + 1;
        clearEvents(ctx);
        system.Number.set(ctx, block);
        poh.BlockRandomness.set(ctx, blake2_256(encode(u32, block)));
        machines.onInitialize?.(ctx, block);
        for (const hook of hooks) hook(ctx, block);
        timestamp.Now.set(ctx, startMs + BigInt(block) * slotMs);
      }
    },
    epoch(index) {
      poh.EpochIndex.set(ctx, index);
      world.next();
    },
  };
  return world;
}

export const machineCall = (type: string, value: unknown) => ({ type: "Machines", value: { type, value } });

export const addMachine = (id: Uint8Array, declared_capacity = 1n, metadata = textBytes("{}")) =>
  machineCall("add_machine", { id, declared_capacity, metadata });

/** Gives person `n` a machine that has passed its challenge; for tests about something else. */
export function giveProvenMachine(world: World, n: number, which = 0): Uint8Array {
  const id = machineIdOf(n, which);
  assertOk(world, addMachine(id), signedOrigin(person(n)));
  storage.Machines.mutate(world.ctx, id, (machine) => machine && { ...machine, state: "Available" });
  const due = storage.Challenges.get(world.ctx, id)!.due;
  storage.Challenges.delete(world.ctx, id);
  storage.Agenda.delete(world.ctx, due, id);
  return id;
}
