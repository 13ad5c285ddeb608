import { createHash } from "node:crypto";
import { blake2b } from "@noble/hashes/blake2.js";
import { describe, expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { decode } from "../../runtime/primitives/codec.ts";
import type { Digest } from "../../runtime/primitives/digest.ts";
import { happened, person } from "../testing/chain.ts";
import { storage as time } from "../timestamp/index.ts";
import { ownBytes } from "./claim.ts";
import { consensusLog } from "./consensus-log.ts";
import {
  author,
  authorities,
  blockRandomness,
  currentEpoch,
  currentSlot,
  epochStarted,
  lotteryOf,
  nextEpoch,
  planAuthorities,
  planGenesis,
  poh,
  storage,
  suspend,
} from "./index.ts";
import { epochLength, slotChain, slotMs, trainer } from "./testing/slots.ts";

const first = 1000n;
const list = [trainer(1, 5n), trainer(2, 3n)];
const randomness = new Uint8Array(32).fill(8);

/** What the runtime tells in a header, decoded. */
const told = (digest: Digest) =>
  digest.flatMap((item) => {
    const bytes = ownBytes(item, "Consensus");
    return bytes ? [decode(consensusLog, bytes)] : [];
  });

const weights = (ctx: Ctx, epoch: "current" | "next" = "current") =>
  authorities(ctx, epoch).map(({ weight }) => weight);

describe("slots and epochs", () => {
  test("epoch 0 begins with the slot of block 1, and each lasts its slots", () => {
    const chain = slotChain(list, randomness);
    const { ctx } = chain;
    expect(epochStarted(ctx)).toBe(false);
    const seen: [bigint, boolean][] = [];
    for (const slot of [1000n, 1001n, 1009n, 1010n, 1019n, 1020n, 1021n]) {
      chain.block(slot);
      expect(currentSlot(ctx)).toBe(slot);
      expect(author(ctx)).toEqual(list[0]!.trainer);
      seen.push([currentEpoch(ctx).index, epochStarted(ctx)]);
    }
    expect(seen).toEqual([
      [0n, true],
      [0n, false],
      [0n, false],
      [1n, true],
      [1n, false],
      [2n, true],
      [2n, false],
    ]);
    expect(currentEpoch(ctx).startSlot).toBe(first + 2n * epochLength);
    expect(nextEpoch(ctx).startSlot).toBe(first + 3n * epochLength);
  });

  test("the first block of an epoch tells clients of the epoch, and headers of the next one", () => {
    const chain = slotChain(list, randomness);
    const digest = chain.block(first);
    expect(happened(chain.ctx)).toEqual([["Poh.EpochStarted", { epoch: 0n, start_slot: first, randomness }]]);
    const value = { epoch: 1n, start_slot: first + epochLength, randomness, authorities: list };
    expect(told(digest)).toEqual([{ type: "NextEpoch", value }]);
    expect(told(chain.block(first + 1n))).toEqual([]);
    // The first block after two skipped epochs.
    const later = told(chain.block(first + 3n * epochLength + 4n));
    expect(later).toMatchObject([{ value: { epoch: 4n, start_slot: first + 4n * epochLength } }]);
  });

  test("what was planned in an epoch holds two epochs later, and goes on holding", () => {
    const chain = slotChain(list);
    const { ctx } = chain;
    chain.block(first, {}, () => planAuthorities(ctx, [trainer(3, 7n)]));
    expect(weights(ctx, "next")).toEqual([5n, 3n]);
    chain.block(first + epochLength);
    expect([weights(ctx), weights(ctx, "next")]).toEqual([[5n, 3n], [7n]]);
    chain.block(first + 2n * epochLength);
    expect([weights(ctx), weights(ctx, "next")]).toEqual([[7n], [7n]]);
    chain.block(first + 2n * epochLength + 1n, {}, () => planAuthorities(ctx, []));
    chain.block(first + 7n * epochLength);
    expect([weights(ctx), weights(ctx, "next")]).toEqual([[7n], [7n]]);
  });

  test("an epoch after skipped ones takes what the first of them would have had, and says which it is", () => {
    const chain = slotChain(list, randomness);
    const { ctx } = chain;
    chain.block(first, {}, () => planAuthorities(ctx, [trainer(3)]));
    const slot = first + 5n * epochLength + 2n;
    const foreseen = lotteryOf(ctx, slot);
    expect(foreseen).toEqual({ epoch: 5n, randomness, authorities: list });
    chain.block(slot);
    expect(currentEpoch(ctx)).toEqual({ index: 5n, startSlot: first + 5n * epochLength, randomness });
    expect(authorities(ctx)).toEqual(list);
    expect(lotteryOf(ctx, slot + 1n)).toEqual(foreseen);
    expect(lotteryOf(ctx, slot + 100n * epochLength).authorities).toEqual([trainer(3)]);
  });

  test("lists of former epochs are kept for as long as the history, and no longer", () => {
    const chain = slotChain(list);
    const { ctx } = chain;
    for (let epoch = 0n; epoch < 50n; epoch++) chain.block(first + epoch * epochLength);
    const kept = [...storage.PastAuthorities.keys(ctx)].map(([epoch]) => epoch);
    expect(kept.toSorted((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 42 }, (_, i) => BigInt(7 + i)),
    );
  });
});

describe("randomness", () => {
  const hash = (...parts: Uint8Array[]) => blake2b(Buffer.concat(parts), { dkLen: 32 });
  const le = (n: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(n));
    return bytes;
  };

  test("of an epoch is the hash of the one before it and all outputs of the one before that", () => {
    const chain = slotChain(list, randomness);
    const { ctx } = chain;
    // Recomputed from slots and outputs alone, skipped epochs among them; more outputs than a page holds.
    const outputs = new Map<number, Uint8Array[]>();
    let block: Uint8Array = new Uint8Array(32);
    const epochs: number[] = [];
    for (const slot of [0, 1, 7, 9, 10, 15, 20, 21, 22, 53, 55, 60, 78, 79, 80]) {
      const epoch = Math.floor(slot / 10);
      const output = new Uint8Array(createHash("sha256").update(`${slot}`).digest());
      if (epochs.at(-1) !== epoch) epochs.push(epoch);
      outputs.set(epoch, [...(outputs.get(epoch) ?? []), output]);
      block = hash(block, output);
      chain.block(first + BigInt(slot), { vrf_output: output });
      expect(blockRandomness(ctx)).toEqual(block);
    }
    const expected: Uint8Array[] = [randomness, randomness];
    for (const epoch of epochs.slice(0, -1)) {
      expected.push(hash(expected.at(-1)!, le(epoch), ...outputs.get(epoch)!));
    }
    expect(epochs).toEqual([0, 1, 2, 5, 6, 7, 8]);
    expect(currentEpoch(ctx).randomness).toEqual(expected.at(-2));
    expect(nextEpoch(ctx).randomness).toEqual(expected.at(-1));
  });

  test("takes all outputs of a long epoch, in their order", () => {
    const chain = slotChain(list, randomness);
    const { ctx } = chain;
    storage.OutputCount.set(ctx, 0);
    const outputs: Uint8Array[] = [];
    poh.genesis?.build(ctx, { epochLength: 600n, randomness, authorities: list });
    for (let slot = 0; slot < 600; slot++) {
      const output = new Uint8Array(createHash("sha256").update(`${slot}`).digest());
      outputs.push(output);
      chain.block(first + BigInt(slot), { vrf_output: output });
    }
    chain.block(first + 600n);
    expect(nextEpoch(ctx).randomness).toEqual(hash(randomness, le(0), ...outputs));
    expect([...storage.Outputs.iterate(ctx)]).toHaveLength(1);
  });
});

describe("lists", () => {
  test("in which nobody has weight weigh all the same", () => {
    const chain = slotChain([trainer(1, 0n), trainer(2, 0n)]);
    expect(weights(chain.ctx)).toEqual([1n, 1n]);
    planAuthorities(chain.ctx, [trainer(3, 0n)]);
    expect(storage.PlannedAuthorities.get(chain.ctx)).toEqual([trainer(3, 1n)]);
    planGenesis(chain.ctx, [trainer(3, 0n), trainer(4, 2n)]);
    expect(weights(chain.ctx)).toEqual([0n, 2n]);
  });

  test("that cannot be are refused", () => {
    const { ctx } = slotChain(list);
    const many = Array.from({ length: 1001 }, () => trainer(1));
    expect(() => planAuthorities(ctx, many)).toThrow("1001 authorities, at most 1000");
    expect(() => planAuthorities(ctx, [trainer(1, 1n << 127n), trainer(2, 1n << 127n)])).toThrow("2^128");
    expect(() => poh.genesis?.build(ctx, { epochLength: 0n, randomness, authorities: [] })).toThrow(
      "one slot",
    );
  });

  test("lose the weight of a suspended trainer for the next two epochs, and headers tell", () => {
    const chain = slotChain(list);
    const { ctx } = chain;
    const digest = chain.block(first, {}, () => suspend(ctx, person(1)));
    expect(told(digest).slice(1)).toEqual([{ type: "Suspended", value: { trainer: person(1) } }]);
    const seen: bigint[][] = [];
    for (let epoch = 0n; epoch < 4n; epoch++) {
      // What staking does at the start of an epoch, for which nobody is suspended any more.
      chain.block(first + epoch * epochLength + 1n, {}, () => planAuthorities(ctx, list));
      seen.push(weights(ctx));
      if (epoch === 0n) suspend(ctx, person(1));
    }
    expect(seen).toEqual([
      [5n, 3n],
      [0n, 3n],
      [0n, 3n],
      [5n, 3n],
    ]);
    // The last one with weight is left with the chain.
    suspend(ctx, person(1));
    suspend(ctx, person(2));
    expect(weights(ctx, "next")).toEqual([1n, 1n]);
    expect(() => suspend(ctx, person(9))).not.toThrow();
  });
});

describe("a block", () => {
  test("that claims what cannot be is none", () => {
    const chain = slotChain(list);
    chain.block(first);
    const bad = (slot: bigint, trainer_index: number) => () => chain.block(slot, { trainer_index });
    expect(bad(first, 0)).toThrow("slot 1000 does not come after slot 1000");
    expect(bad(first - 1n, 0)).toThrow("does not come after");
    expect(bad(first + 1n, 2)).toThrow("has 2 authorities, so none in place 2");
    storage.Authorities.set(chain.ctx, list);
    expect(() => poh.onInitialize?.(slotChain([]).ctx, 1)).toThrow("claims no slot");
  });

  test("by another account than that of the claimed place is none", () => {
    const chain = slotChain(list);
    const digest = chain.block(first);
    storage.Authorities.set(chain.ctx, [trainer(2), trainer(1)]);
    storage.CurrentSlot.set(chain.ctx, first - 1n);
    expect(digest[0]?.type).toBe("PreRuntime");
    expect(() => poh.onInitialize?.(chain.ctx, 1)).toThrow("the author is 0x0101");
  });

  test("whose time does not lie in its slot is none", () => {
    const chain = slotChain(list);
    for (const offset of [-1n, slotMs]) {
      const late = () => time.Now.set(chain.ctx, 0n);
      late();
      expect(() =>
        chain.block(currentSlot(chain.ctx) + 5n, {}, () => {
          time.Now.set(chain.ctx, currentSlot(chain.ctx) * slotMs + offset);
        }),
      ).toThrow("does not lie in its slot");
    }
    const at = (offset: bigint) => () => time.Now.set(chain.ctx, currentSlot(chain.ctx) * slotMs + offset);
    expect(() => chain.block(currentSlot(chain.ctx) + 1n, {}, at(slotMs - 1n))).not.toThrow();
  });
});
