import { expect, test } from "vitest";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { hashExtrinsic } from "../../runtime/primitives/extrinsic.ts";
import { alice, bob, TestChain, transfer, unit } from "../../runtime/testing/test-chain.ts";
import { bytesToHash } from "../chain/hash.ts";
import type { PoolTransaction } from "../pool/types.ts";
import { buildBlock } from "./block-builder.ts";

const queued = (bytes: Uint8Array): PoolTransaction => ({
  hash: bytesToHash(hashExtrinsic(bytes)),
  bytes,
  priority: 1n,
  requires: [],
  provides: [],
  validTill: 64,
  propagate: true,
  source: "Local",
});

test("a transaction at which the runtime fails is lost, and nothing else", async () => {
  const chain = new TestChain();
  const [broken, stale, good] = [
    chain.sign(bob, transfer(alice, unit)),
    chain.sign(alice, transfer(bob, unit), { nonce: 7 }),
    chain.sign(alice, transfer(bob, unit)),
  ].map(queued) as [PoolTransaction, PoolTransaction, PoolTransaction];
  const brokenHash = hashExtrinsic(broken.bytes);
  const queue = [broken, stale, good];
  const built = await buildBlock({
    parent: { hash: bytesToHash(chain.hash), number: 0 },
    state: chain.backend,
    digest: chain.claim(),
    inherents: { data: [[textBytes("timstap0"), encode(u64, chain.nextTime)]] },
    transactions: { [Symbol.iterator]: () => queue[Symbol.iterator](), skipDependents() {} },
    check(hash) {
      if (bytesToHash(hash) === bytesToHash(brokenHash)) throw new TypeError("no such thing");
      return true;
    },
    isOver: () => false,
  });
  expect(built.faults).toEqual([{ hash: broken.hash, error: new TypeError("no such thing") }]);
  expect(built.invalid).toEqual([]);
  expect(built.extrinsics.slice(1)).toEqual([good.bytes]);
});
