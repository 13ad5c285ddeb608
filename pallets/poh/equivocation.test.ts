import { sr25519KeypairFromSeed, sr25519Sign } from "@polkadot/wasm-crypto";
import { expect, test } from "vitest";
import { noneOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { concatBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import type { DigestItem } from "../../runtime/primitives/digest.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { encodeHeader, type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { bob, happened, person } from "../testing/chain.ts";
import { equivocationInherent } from "./calls.ts";
import {
  type Authority,
  type Claim,
  claimItems,
  equivocationProof,
  poh,
  storage,
  takeOffences,
} from "./index.ts";
import { epochLength, slotChain } from "./testing/slots.ts";

const pairs = [1, 2].map((n) => sr25519KeypairFromSeed(new Uint8Array(32).fill(n)));
const list: Authority[] = pairs.map((pair, i) => ({
  trainer: person(i + 1),
  key: pair.slice(64),
  weight: 1n,
}));
const first = 1000n;

/** A header sealed by the trainer in a place; `salt` makes it another one. */
function sealed(slot: bigint, place: number, salt: number, by = place): Header {
  const claim: Claim = {
    slot,
    kind: "Primary",
    trainer_index: place,
    vrf_output: new Uint8Array(32),
    vrf_proof: new Uint8Array(64),
  };
  const header: Header = {
    parentHash: new Uint8Array(32).fill(salt),
    number: 9,
    stateRoot: new Uint8Array(32),
    extrinsicsRoot: new Uint8Array(32),
    digest: claimItems(list[place]?.trainer ?? person(9), claim),
  };
  const pair = pairs[by]!;
  const seal = sr25519Sign(pair.slice(64), pair.slice(0, 64), hashHeader(header));
  const item: DigestItem = { type: "Seal", value: [Uint8Array.from(Buffer.from("POHR")), seal] };
  return { ...header, digest: [...header.digest, item] };
}

const reportOf = (one: Header, other: Header): AnyCall => ({
  type: "Poh",
  value: { type: "report_equivocation", value: { first: one, second: other } },
});

function begun() {
  const chain = slotChain(list);
  chain.block(first);
  return chain;
}

test("two headers of one trainer for one slot are an offence, which costs the reporter nothing", () => {
  const chain = begun();
  const [one, other] = [sealed(1003n, 1, 1), sealed(1003n, 1, 2)];
  expect(assertOk(chain, reportOf(one, other), signedOrigin(bob))).toMatchObject({ pays_fee: "No" });
  const evidence = blake2_256(concatBytes(encodeHeader(one), encodeHeader(other)));
  const offender = person(2);
  expect(happened(chain.ctx).at(-1)).toEqual([
    "Poh.EquivocationReported",
    { offender, reporter: bob, slot: 1003n, evidence },
  ]);
  expect(takeOffences(chain.ctx)).toEqual([
    { offender, reporter: bob, kind: "BlockEquivocation", evidence, slot: 1003n },
  ]);
  expect(takeOffences(chain.ctx)).toEqual([]);
});

test("a trainer is punished once for an epoch, and again for another one", () => {
  const chain = begun();
  assertOk(chain, reportOf(sealed(1003n, 1, 1), sealed(1003n, 1, 2)), signedOrigin(bob));
  const again = reportOf(sealed(1004n, 1, 1), sealed(1004n, 1, 2));
  assertNoop(chain, again, signedOrigin(bob), "Poh.AlreadyReported");
  assertOk(chain, reportOf(sealed(1003n, 0, 1), sealed(1003n, 0, 2)), signedOrigin(bob));
  chain.block(first + epochLength);
  const next = first + epochLength + 1n;
  assertOk(chain, reportOf(sealed(next, 1, 1), sealed(next, 1, 2)), signedOrigin(bob));
  expect(takeOffences(chain.ctx).map(({ slot }) => slot)).toEqual([1003n, 1003n, next]);
});

test("what proves nothing is refused with the reason", () => {
  const chain = begun();
  const header = sealed(1003n, 1, 1);
  const twice = { ...header, digest: [...header.digest.slice(0, 2), sealed(1003n, 1, 1).digest.at(-1)!] };
  const cases: [Header, Header, string][] = [
    [header, header, "NoConflict"],
    // Signatures of one thing differ, because they are made with fresh randomness.
    [header, twice, "NoConflict"],
    [header, sealed(1004n, 1, 2), "NoConflict"],
    [header, sealed(1003n, 0, 2), "NoConflict"],
    [header, { ...sealed(1003n, 1, 2), digest: sealed(1003n, 1, 2).digest.slice(0, 2) }, "NotAClaim"],
    [{ ...header, digest: [] }, header, "NotAClaim"],
    [header, sealed(1003n, 1, 2, 0), "BadSeal"],
    [header, { ...sealed(1003n, 1, 2), number: 10 }, "BadSeal"],
    [sealed(1003n, 2, 1, 0), sealed(1003n, 2, 2, 0), "UnknownTrainer"],
    [sealed(999n, 1, 1), sealed(999n, 1, 2), "UnknownEpoch"],
    [sealed(1010n, 1, 1), sealed(1010n, 1, 2), "UnknownEpoch"],
  ];
  for (const [one, other, error] of cases) {
    assertNoop(chain, reportOf(one, other), signedOrigin(bob), `Poh.${error}`);
  }
  assertNoop(chain, reportOf(header, sealed(1003n, 1, 2)), noneOrigin, "BadOrigin");
});

test("the key is that of the slot's epoch, for as long as the history reaches", () => {
  const chain = begun();
  const { ctx } = chain;
  const proof = reportOf(sealed(1003n, 1, 1), sealed(1003n, 1, 2));
  chain.block(first + epochLength);
  storage.Authorities.set(ctx, [list[0]!, { ...list[1]!, key: list[0]!.key }]);
  chain.block(first + 42n * epochLength);
  assertOk(chain, proof, signedOrigin(bob));
  expect([...storage.Offenders.keys(ctx)]).toEqual([[0n]]);
  chain.block(first + 43n * epochLength);
  assertNoop(chain, proof, signedOrigin(bob), "Poh.UnknownEpoch");
  expect([...storage.Offenders.keys(ctx)]).toEqual([]);
});

test("an author brings in what it knows unsigned, and is rewarded; what fails it leaves out", () => {
  const chain = begun();
  const proof = { first: sealed(1003n, 1, 1), second: sealed(1003n, 1, 2) };
  const data = encode(equivocationProof, proof);
  const inherent = equivocationInherent.create(chain.ctx, data)!;
  expect(poh.inherent?.is(inherent)).toBe(true);
  const call = { type: "Poh", value: inherent } as AnyCall;
  assertNoop(chain, call, signedOrigin(bob), "BadOrigin");
  assertOk(chain, call, noneOrigin);
  expect(takeOffences(chain.ctx)).toMatchObject([{ offender: person(2), reporter: person(1) }]);
  expect(equivocationInherent.create(chain.ctx, data)).toBeUndefined();
});
