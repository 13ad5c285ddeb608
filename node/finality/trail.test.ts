import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { bytesToHash } from "../chain/hash.ts";
import { ProofStore, type ProvenHeader, provenHeader } from "./proof-store.ts";
import { authoritiesOf, isFinal, startToyVoter, type ToyVoter } from "./testing/toy-voters.ts";
import { proveSetChanges, TrailWalk } from "./trail.ts";

const sets = [1, 2, 3, 4].map((weight) => authoritiesOf({ Alice: weight }));
const steps = vec(provenHeader);

let node: ToyVoter;
let proofs: ProofStore;
beforeEach(async () => {
  node = await startToyVoter({ name: "Alice", sets });
  proofs = new ProofStore(node.database);
  // The sets end with the blocks 2, 4 and 6; the last one goes on to 8.
  for (const set of [1, 2, 3]) await node.extend(2, { set });
  await isFinal(node, 6);
  await node.extend(2);
  await isFinal(node, 8);
  await node.finality.stop();
});
afterEach(() => node.stop());

const walk = () => new TrailWalk({ setId: 0n, authorities: sets[0]! });
const numbers = (proof: Uint8Array) => decode(steps, proof).map(({ header }) => header.number);

test("the ends of the sets lead to the last final block", () => {
  const proof = proveSetChanges(0n, 1 << 20, proofs);
  expect(numbers(proof)).toEqual([2, 4, 6, 8]);
  const trail = walk();
  expect(trail.head).toBeUndefined();
  expect(trail.follow(proof)).toBe(true);
  expect(trail.setId).toBe(3n);
  expect(bytesToHash(hashHeader(trail.head!))).toBe(node.chain.finalized.hash);
  expect(trail.justification?.[0]).toBe("FRNK");
  expect(trail.follow(proof)).toBe(false);
});

test("a long way is walked in pieces", () => {
  const trail = walk();
  const seen: number[][] = [];
  for (;;) {
    const proof = proveSetChanges(trail.setId, 1, proofs);
    if (!trail.follow(proof)) break;
    seen.push(numbers(proof));
  }
  expect(seen).toEqual([[2], [4], [6], [8]]);
});

test("who walked it can show it to others", async () => {
  const trail = walk();
  trail.follow(proveSetChanges(0n, 1 << 20, proofs));
  const other = await startToyVoter({ sets });
  const theirs = new ProofStore(other.database);
  const batch = other.database.batch();
  trail.write(batch, theirs);
  await other.database.write(batch);
  expect(proveSetChanges(0n, 1 << 20, theirs)).toEqual(proveSetChanges(0n, 1 << 20, proofs));
  await other.stop();
});

describe("a trail that leads astray is refused", () => {
  const forged = (change: (list: readonly ProvenHeader[]) => readonly ProvenHeader[]): Uint8Array =>
    encode(steps, change(decode(steps, proveSetChanges(0n, 1 << 20, proofs))));

  test.each<[string, (list: readonly ProvenHeader[]) => readonly ProvenHeader[]]>([
    ["without one of the sets", ([first, , ...rest]) => [first!, ...rest]],
    [
      "with the proof of another block",
      ([first, second]) => [first!, { ...second!, justification: first!.justification }],
    ],
    [
      "with another header",
      ([first]) => [{ ...first!, header: { ...first!.header, stateRoot: new Uint8Array(32) } }],
    ],
    ["that turns back", ([first, second]) => [first!, second!, first!]],
    ["with a proof that is none", ([first]) => [{ ...first!, justification: Uint8Array.of(1) }]],
  ])("%s", (_, change) => {
    expect(() => walk().follow(forged(change))).toThrow();
  });

  test("by voters of whom genesis knows nothing", () => {
    const trail = new TrailWalk({ setId: 0n, authorities: authoritiesOf({ Bob: 1 }) });
    expect(() => trail.follow(proveSetChanges(0n, 1 << 20, proofs))).toThrow();
  });
});

test("an old block's finality is proven by the end of its set", () => {
  // A proof begins with the hash of the block that it leads to.
  const leadsTo = [1, 2, 3, 5, 7, 8].map((number) => {
    const answer = node.finality.proveFinality(number);
    const hash = answer.type === "proof" ? bytesToHash(answer.proof.slice(0, 32)) : undefined;
    return hash && node.chain.header(hash)?.number;
  });
  expect(leadsTo).toEqual([2, 2, 4, 6, 8, 8]);
  expect(node.finality.proveFinality(9)).toEqual({ type: "notFinal" });
});
