import { TypeRegistry } from "@polkadot/types";
import { expect, test } from "vitest";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { digestItem } from "../../runtime/primitives/digest.ts";
import { authorityList, consensusLog } from "../../runtime/primitives/grandpa.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, charlie, happened, person, testChain } from "../testing/chain.ts";
import {
  type Authority,
  constants,
  currentAuthorities,
  maxAuthorityWeight,
  setAuthorities,
  setGenesisAuthorities,
  setId,
  storage,
  trainerOf,
} from "./index.ts";

const authority = (trainer: Uint8Array, weight = 1n): Authority => ({
  trainer,
  key: trainer.map((byte) => byte ^ 0xff),
  weight,
});
const listOf = (authorities: readonly Authority[]) => authorities.map(({ key, weight }) => [key, weight]);

const chainWith = (authorities: readonly Authority[]) => {
  const { ctx } = testChain();
  setGenesisAuthorities(ctx, authorities);
  return ctx;
};

test("the first set has number 0 and is not announced", () => {
  const ctx = chainWith([authority(alice, 5n), authority(bob)]);
  expect(setId(ctx)).toBe(0n);
  expect(currentAuthorities(ctx)).toEqual(listOf([authority(alice, 5n), authority(bob)]));
  expect(trainerOf(ctx, 0n, authority(bob).key)).toEqual(bob);
  expect(system.Digest.get(ctx).logs).toEqual([]);
});

test("a new set is announced in the header, in the bytes that Substrate's nodes and clients read", () => {
  const ctx = chainWith([authority(alice)]);
  const next = [authority(bob, 7n), authority(charlie, 2n ** 40n)];
  setAuthorities(ctx, next);
  expect(setId(ctx)).toBe(1n);
  expect(happened(ctx)).toEqual([["Grandpa.NewAuthorities", { authority_set: listOf(next) }]]);

  const [log, ...more] = system.Digest.get(ctx).logs;
  expect(more).toEqual([]);
  // The layout by hand: item 4, engine, length, kind 1, two authorities, no delay.
  const word = (value: bigint) => [...new Uint8Array(new BigUint64Array([value]).buffer)];
  const body = [1, 8, ...next.flatMap(({ key, weight }) => [...key, ...word(weight)]), 0, 0, 0, 0];
  const length = [((body.length << 2) & 0xff) | 1, body.length >> 6];
  expect([...encode(digestItem, log!)]).toEqual([4, ...Buffer.from("FRNK"), ...length, ...body]);

  const registry = new TypeRegistry();
  registry.register({
    ScheduledChange: { nextAuthorities: "AuthorityList", delay: "u32" },
    ConsensusLog: { _enum: { Unused: "Null", ScheduledChange: "ScheduledChange" } },
  });
  const read = registry.createType("ConsensusLog", Uint8Array.from(body));
  expect(read.toU8a()).toEqual(Uint8Array.from(body));
  expect(decode(consensusLog, Uint8Array.from(body)).value.next_authorities).toEqual(listOf(next));
});

test("the same set, or none, changes nothing", () => {
  const set = [authority(alice), authority(bob, 3n)];
  const ctx = chainWith(set);
  setAuthorities(ctx, set);
  setAuthorities(ctx, []);
  expect(setId(ctx)).toBe(0n);
  expect(currentAuthorities(ctx)).toEqual(listOf(set));
  expect([...happened(ctx), ...system.Digest.get(ctx).logs]).toEqual([]);
});

test("order and weights are part of a set", () => {
  const ctx = chainWith([authority(alice), authority(bob)]);
  setAuthorities(ctx, [authority(bob), authority(alice)]);
  setAuthorities(ctx, [authority(bob, 2n), authority(alice)]);
  expect(setId(ctx)).toBe(2n);
});

test("a weight is at least 1, and a thousand of the largest fit in a u64", () => {
  const ctx = chainWith([authority(alice)]);
  expect(() => setAuthorities(ctx, [authority(bob, 0n)])).toThrow("no authority can weigh 0");
  expect(() => setAuthorities(ctx, [authority(bob, maxAuthorityWeight + 1n)])).toThrow();
  expect(setId(ctx)).toBe(0n);
  const many = Array.from({ length: 1000 }, (_, i) => ({
    ...authority(person(i % 256), maxAuthorityWeight),
    key: new Uint8Array(32).fill(i % 256).fill(i >> 8, 16),
  }));
  setAuthorities(ctx, many);
  const sum = currentAuthorities(ctx).reduce((total, [, weight]) => total + weight, 0n);
  expect(sum).toBeLessThan(2n ** 64n);
  expect(encode(authorityList, currentAuthorities(ctx))).toHaveLength(2 + 1000 * 40);
  const tooMany = [...many, authority(alice)];
  expect(() => setAuthorities(ctx, tooMany)).toThrow(/at most 1000/);
});

test("keys of former sets are remembered for so many sets", () => {
  const ctx = chainWith([authority(alice)]);
  const sets = constants.MaxSets;
  for (let i = 1n; i < sets; i++) setAuthorities(ctx, [authority(bob, i)]);
  expect(trainerOf(ctx, 0n, authority(alice).key)).toEqual(alice);
  storage.Reported.set(ctx, 0n, authority(alice).key, 9n);
  storage.Reported.set(ctx, 1n, authority(bob).key, 9n);
  setAuthorities(ctx, [authority(bob, sets)]);
  expect(setId(ctx)).toBe(sets);
  expect(trainerOf(ctx, 0n, authority(alice).key)).toBeUndefined();
  expect([...storage.Members.keys(ctx)]).toHaveLength(Number(sets));
  expect([...storage.Reported.keys(ctx)]).toEqual([[1n, authority(bob).key]]);
  expect(trainerOf(ctx, 1n, authority(alice).key)).toBeUndefined();
});
