import { expect, test } from "vitest";
import { claimItems } from "../../pallets/poh/index.ts";
import { callApi } from "../apis.ts";
import { initializeBlock } from "../executive.ts";
import { decode } from "../primitives/codec.ts";
import { vec } from "../primitives/codec-list.ts";
import { u64 } from "../primitives/codec-number.ts";
import { charlie, TestChain } from "../testing/test-chain.ts";
import { authorityInfo, epochs } from "./poh.ts";

const person = (n: number) => new Uint8Array(32).fill(n);
// Charlie first, because he makes the blocks of the test chain.
const weights = [40n, 10n, 50n, 0n];
const authorities = weights.map((weight, i) => ({
  trainer: i === 0 ? charlie.publicKey : person(i),
  key: person(10 + i),
  weight,
}));
const randomness = person(7);
const chain = new TestChain({
  Timestamp: { minimumPeriod: 3000n },
  Poh: { epochLength: 3n, randomness, authorities },
});
const ask = (name: string) => callApi(chain.view(), `PohApi_${name}`, new Uint8Array(0));

test("clients read slot and epoch, and who wins with which chance", () => {
  expect(decode(u64, ask("slot"))).toBe(0n);
  chain.build([]);
  const first = decode(u64, ask("slot"));
  expect(first).toBe(chain.nextTime / 6000n - 1n);
  for (let n = 0; n < 4; n++) chain.build([]);
  expect(decode(u64, ask("slot"))).toBe(first + 4n);
  expect(decode(epochs, ask("epoch"))).toMatchObject({
    current: { index: 1n, start_slot: first + 3n, randomness },
    next: { index: 2n, start_slot: first + 6n },
    slot_duration: 6000n,
  });
  // The protocol's own figure for 40 of 100.
  const told = decode(vec(authorityInfo), ask("authorities"));
  expect(told.map(({ weight }) => weight)).toEqual(weights);
  expect(told[0]!.threshold).toBe(36988275083061294474881927155371247711n);
  expect(told[3]!.threshold).toBe(0n);
  expect(told.map(({ trainer, key }) => ({ trainer, key }))).toEqual(
    authorities.map(({ trainer, key }) => ({ trainer, key })),
  );
});

test("a block whose digest claims what cannot be is none for the runtime itself", () => {
  const slot = chain.nextTime / 6000n;
  const claim = { kind: "Secondary", vrf_output: person(0), vrf_proof: new Uint8Array(64) } as const;
  const begin = (author: Uint8Array, trainer_index: number, at = slot) => {
    const digest = claimItems(author, { ...claim, slot: at, trainer_index });
    const number = chain.head.number + 1;
    initializeBlock(chain.view(), { ...chain.head, parentHash: chain.hash, number, digest });
  };
  expect(() => begin(charlie.publicKey, 0)).not.toThrow();
  expect(() => begin(charlie.publicKey, 4)).toThrow("none in place 4");
  expect(() => begin(charlie.publicKey, 1)).toThrow("the author is");
  expect(() => begin(charlie.publicKey, 0, slot - 1n)).toThrow("does not come after");
});
