import { sr25519KeypairFromSeed, sr25519Sign } from "@polkadot/wasm-crypto";
import { describe, expect, test } from "vitest";
import type { DigestItem } from "../../runtime/primitives/digest.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import { checkClaim, checkTime } from "./check-claim.ts";
import { claimItems, readClaim, sealItem, slotOf } from "./digest.ts";

const slotMs = 2000;
const pair = sr25519KeypairFromSeed(new Uint8Array(32).fill(5));
const author = pair.slice(64);

const headerWith = (digest: readonly DigestItem[]): Header => ({
  parentHash: new Uint8Array(32),
  number: 1,
  stateRoot: emptyRoot,
  extrinsicsRoot: emptyRoot,
  digest,
});

/** A header for a slot, sealed as its author would. */
function sealed(slot: bigint, between: readonly DigestItem[] = []): Header {
  const header = headerWith([...claimItems(author, slot), ...between]);
  const signature = sr25519Sign(author, pair.slice(0, 64), hashHeader(header));
  return { ...header, digest: [...header.digest, sealItem(signature)] };
}

const genesis = headerWith([]);

describe("a claim", () => {
  test("is written and read back", () => {
    expect(readClaim(sealed(77n).digest)).toMatchObject({ author, slot: 77n });
    expect(slotOf(sealed(77n).digest)).toBe(77n);
    expect(slotOf(genesis.digest)).toBeUndefined();
  });

  test("begins with the item by which explorers find the author", () => {
    const [first] = claimItems(author, 1n);
    expect(first).toEqual({ type: "PreRuntime", value: [new Uint8Array(Buffer.from("pow_")), author] });
  });

  test("needs each item in its place", () => {
    const [name, slot] = claimItems(author, 1n) as [DigestItem, DigestItem];
    const seal = sealItem(new Uint8Array(64));
    const consensus: DigestItem = { type: "Consensus", value: [Buffer.from("POHR"), new Uint8Array(1)] };
    expect(readClaim([name, slot, consensus, seal])).toMatchObject({ slot: 1n });
    const broken: (readonly DigestItem[])[] = [
      [],
      [name, slot],
      [name, seal],
      [slot, name, seal],
      [name, slot, seal, consensus],
      [name, slot, seal, seal],
      [name, slot, name, seal],
      [name, slot, sealItem(new Uint8Array(63))],
    ];
    for (const digest of broken) expect(readClaim(digest)).toBeTypeOf("string");
  });
});

describe("a header", () => {
  const now = 100 * slotMs + 1;

  test("of the present slot, sealed by its author, is right", () => {
    expect(checkClaim(sealed(100n), genesis, { slotMs, now })).toBeUndefined();
    expect(checkClaim(sealed(100n), sealed(99n), { slotMs, now })).toBeUndefined();
    expect(
      checkClaim(sealed(100n, [{ type: "RuntimeEnvironmentUpdated", value: undefined }]), genesis, {
        slotMs,
        now,
      }),
    ).toBeUndefined();
  });

  test("may be one slot ahead of the clock, not two", () => {
    expect(checkClaim(sealed(101n), genesis, { slotMs, now })).toBeUndefined();
    expect(checkClaim(sealed(102n), genesis, { slotMs, now })).toMatchObject({
      code: "FutureBlock",
      message: "its slot 102 has not come yet, now is slot 100",
    });
    expect(checkClaim(sealed(102n), genesis, { slotMs, now: undefined })).toBeUndefined();
  });

  test("comes in a later slot than its parent", () => {
    for (const before of [100n, 101n]) {
      expect(checkClaim(sealed(100n), sealed(before), { slotMs, now })).toMatchObject({
        code: "BadConsensus",
        message: expect.stringContaining("does not come after"),
      });
    }
  });

  test("that was changed after it was sealed is refused, whatever was changed", () => {
    const good = sealed(100n);
    const [name, , seal] = good.digest as [DigestItem, DigestItem, DigestItem];
    const other = claimItems(new Uint8Array(32).fill(1), 100n)[0]!;
    const changed: Header[] = [
      { ...good, number: 2 },
      { ...good, stateRoot: new Uint8Array(32) },
      { ...good, digest: [name, claimItems(author, 99n)[1]!, seal] },
      { ...good, digest: [other, good.digest[1]!, seal] },
      { ...good, digest: [name, good.digest[1]!, sealItem(new Uint8Array(64))] },
    ];
    for (const header of changed) {
      expect(checkClaim(header, genesis, { slotMs, now })).toMatchObject({
        code: "BadConsensus",
        message: expect.stringContaining("seal"),
      });
    }
  });
});

test("the time of a block lies in its slot", () => {
  expect(checkTime(sealed(100n), 200_000n, slotMs)).toBeUndefined();
  expect(checkTime(sealed(100n), 201_999n, slotMs)).toBeUndefined();
  for (const time of [0n, 199_999n, 202_000n]) {
    expect(checkTime(sealed(100n), time, slotMs)).toMatchObject({ code: "BadConsensus" });
  }
});
