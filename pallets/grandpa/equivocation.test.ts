import { TypeRegistry } from "@polkadot/types";
import { expect, test } from "vitest";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { preRuntime } from "../../runtime/primitives/digest.ts";
import { type EquivocationProof, equivocationProof } from "../../runtime/primitives/grandpa.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { depositLog } from "../system/index.ts";
import { alice, bob, charlie, testChain } from "../testing/chain.ts";
import { type Authority, grandpa, setAuthorities, setGenesisAuthorities, takeOffences } from "./index.ts";
import { block, doubleVote, voterKey } from "./testing/double-vote.ts";

const [aliceKey, bobKey] = [voterKey("//Alice"), voterKey("//Bob")];
const set: readonly Authority[] = [
  { trainer: alice, key: aliceKey.publicKey, weight: 1n },
  { trainer: bob, key: bobKey.publicKey, weight: 1n },
];

function begin() {
  const chain = testChain();
  setGenesisAuthorities(chain.ctx, set);
  return chain;
}

const report = (equivocation_proof: EquivocationProof, type = "report_equivocation") =>
  ({ type: "Grandpa", value: { type, value: { equivocation_proof } } }) as const;
const evidence = (proof: EquivocationProof) => blake2_256(encode(equivocationProof, proof));

test.each(["Prevote", "Precommit"] as const)("two signed votes of kind %s prove an offence, once", (type) => {
  const chain = begin();
  const proof = doubleVote(bobKey, { type, round: 42n });
  expect(assertOk(chain, report(proof), signedOrigin(charlie)).pays_fee).toBe("No");
  assertNoop(chain, report(proof), signedOrigin(alice), "Grandpa.DuplicateOffenceReport");
  // Other votes of the set cost nothing more, of the other kind neither.
  for (const other of ["Prevote", "Precommit"] as const) {
    for (const round of [42n, 43n]) {
      const again = doubleVote(bobKey, { type: other, round, votes: [block(3), block(4)] });
      assertNoop(chain, report(again), signedOrigin(alice), "Grandpa.DuplicateOffenceReport");
    }
  }
  assertOk(chain, report(doubleVote(aliceKey, { type, round: 42n })), signedOrigin(bob));
  expect(takeOffences(chain.ctx)).toEqual([
    { offender: bob, reporter: charlie, evidence: evidence(proof), set_id: 0n, round: 42n },
    { offender: alice, reporter: bob, evidence: expect.any(Uint8Array), set_id: 0n, round: 42n },
  ]);
  expect(takeOffences(chain.ctx)).toEqual([]);
});

test("the same block under two heights is voted for twice", () => {
  const chain = begin();
  assertOk(chain, report(doubleVote(bobKey, { votes: [block(1, 1), block(1, 2)] })), signedOrigin(charlie));
});

const broken = (change: (proof: EquivocationProof) => EquivocationProof) => change(doubleVote(bobKey));
const withValue = (proof: EquivocationProof, value: object): EquivocationProof =>
  ({
    ...proof,
    equivocation: { ...proof.equivocation, value: { ...proof.equivocation.value, ...value } },
  }) as EquivocationProof;

test.each<[what: string, proof: EquivocationProof, error: string]>([
  ["one vote, twice", doubleVote(bobKey, { votes: [block(1), block(1)] }), "InvalidEquivocationProof"],
  [
    "the name of another voter",
    broken((proof) => withValue(proof, { identity: aliceKey.publicKey })),
    "InvalidEquivocationProof",
  ],
  ["another round", broken((proof) => withValue(proof, { round_number: 2n })), "InvalidEquivocationProof"],
  [
    "another kind",
    broken((proof) => ({ ...proof, equivocation: { ...proof.equivocation, type: "Precommit" } })),
    "InvalidEquivocationProof",
  ],
  [
    "a forged second signature",
    broken((proof) => withValue(proof, { second: [block(2), new Uint8Array(64)] })),
    "InvalidEquivocationProof",
  ],
  [
    "a forged first signature",
    broken((proof) => withValue(proof, { first: [block(1), new Uint8Array(64).fill(7)] })),
    "InvalidEquivocationProof",
  ],
  ["a key of nobody", doubleVote(voterKey("//Mallory")), "InvalidKeyOwnershipProof"],
  ["a set that has not come", doubleVote(bobKey, { setId: 1n }), "InvalidKeyOwnershipProof"],
])("refuses %s", (_, proof, error) => {
  const chain = begin();
  assertNoop(chain, report(proof), signedOrigin(charlie), `Grandpa.${error}`);
});

test("a vote of a set does not count in the next, though key and trainer are the same", () => {
  const chain = begin();
  setAuthorities(chain.ctx, set.toReversed());
  const moved = { ...doubleVote(bobKey), set_id: 1n };
  assertNoop(chain, report(moved), signedOrigin(charlie), "Grandpa.InvalidEquivocationProof");
  // That of the former set is still an offence, and one in the new set another.
  assertOk(chain, report(doubleVote(bobKey)), signedOrigin(charlie));
  assertOk(chain, report(doubleVote(bobKey, { setId: 1n })), signedOrigin(charlie));
});

test("only who signs may report, and only an author unsigned", () => {
  const chain = begin();
  assertNoop(chain, report(doubleVote(bobKey)), noneOrigin, "BadOrigin");
  assertNoop(chain, report(doubleVote(bobKey)), rootOrigin, "BadOrigin");
  const unsigned = report(doubleVote(bobKey), "report_equivocation_unsigned");
  assertNoop(chain, unsigned, signedOrigin(charlie), "BadOrigin");
  assertNoop(chain, unsigned, rootOrigin, "BadOrigin");
});

test("an author brings in what its voter saw, and is named as reporter", () => {
  const { ctx, ...chain } = begin();
  depositLog(ctx, preRuntime("pow_", charlie));
  const data = encode(equivocationProof, doubleVote(bobKey));
  const made = grandpa.inherent!.create(ctx, data)!;
  expect(grandpa.inherent!.is(made)).toBe(true);
  assertOk({ ctx, ...chain }, { type: "Grandpa", value: made }, noneOrigin);
  expect(takeOffences(ctx)).toMatchObject([{ offender: bob, reporter: charlie }]);
  // Now it is known: an inherent that fails would spoil the block.
  expect(grandpa.inherent!.create(ctx, data)).toBeUndefined();
});

test("Substrate's clients read a proof", () => {
  const proof = doubleVote(bobKey, {
    type: "Precommit",
    setId: 3n,
    round: 8n,
    votes: [block(1, 9), block(2)],
  });
  const bytes = encode(equivocationProof, proof);
  const read = new TypeRegistry().createType("GrandpaEquivocationProof", bytes);
  expect(read.toU8a()).toEqual(bytes);
  expect(read.setId.toBigInt()).toBe(3n);
  const value = read.equivocation.asPrecommit;
  expect(value.roundNumber.toBigInt()).toBe(8n);
  expect(value.identity.toU8a()).toEqual(bobKey.publicKey);
  expect(value.first[0].targetNumber.toNumber()).toBe(9);
  expect(value.second[1].toU8a()).toEqual(proof.equivocation.value.second[1]);
});
