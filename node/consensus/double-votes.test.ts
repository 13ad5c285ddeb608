import { expect, test } from "vitest";
import { setGenesisAuthorities, storage } from "../../pallets/grandpa/index.ts";
import { doubleVote, voterKey } from "../../pallets/grandpa/testing/double-vote.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { equivocationProof } from "../../runtime/primitives/grandpa.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { DoubleVotes } from "./double-votes.ts";

const [alice, bob] = [voterKey("//Alice"), voterKey("//Bob")];
const encoded = (...args: Parameters<typeof doubleVote>) => encode(equivocationProof, doubleVote(...args));

/** A state whose voters are Alice and Bob. */
function state() {
  const ctx = { storage: new Overlay(memoryBackend()) };
  const voters = [alice, bob].map(({ publicKey: key }) => ({ trainer: key, key, weight: 1n }));
  setGenesisAuthorities(ctx, voters);
  return ctx;
}

/** The name of the inherent, and who is reported. */
function offender(votes: DoubleVotes, ctx: ReturnType<typeof state>) {
  const [[name, data] = []] = votes.inherents(ctx);
  return (
    name &&
    data && [Buffer.from(name).toString(), decode(equivocationProof, data).equivocation.value.identity]
  );
}

test("a double vote waits until it is on the chain, one for each voter", () => {
  const ctx = state();
  const votes = new DoubleVotes();
  expect(votes.inherents(ctx)).toEqual([]);
  votes.add(encoded(bob, { round: 1n }));
  votes.add(encoded(bob, { round: 2n }));
  votes.add(encoded(alice));
  // Asked twice, since a block that reports it may not be taken.
  for (let i = 0; i < 2; i++) expect(offender(votes, ctx)).toEqual(["graneqvo", bob.publicKey]);
  storage.Reported.set(ctx, 0n, bob.publicKey, 1n);
  expect(offender(votes, ctx)).toEqual(["graneqvo", alice.publicKey]);
  storage.Reported.set(ctx, 0n, alice.publicKey, 1n);
  expect(votes.inherents(ctx)).toEqual([]);
});

test("what the chain would refuse is forgotten", () => {
  const votes = new DoubleVotes();
  votes.add(encoded(voterKey("//Mallory")));
  votes.add(encoded(bob, { setId: 9n }));
  expect(votes.inherents(state())).toEqual([]);
});

test("so many wait at most, the newest ones", () => {
  const votes = new DoubleVotes();
  votes.add(encoded(bob));
  for (let i = 1; i <= 64; i++) votes.add(encoded(alice, { setId: BigInt(i) }));
  expect(votes.inherents(state())).toEqual([]);
});
