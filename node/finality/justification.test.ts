import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { votePayload } from "../../runtime/primitives/grandpa.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import { buildJustification, verifyJustification } from "./justification.ts";
import type { SignedVote } from "./protocol/tally.ts";
import { voteOf } from "./signatures.ts";
import { authoritiesOf, votingKey } from "./testing/toy-voters.ts";
import { decodeJustification, encodeJustification, type WireJustification } from "./wire.ts";

const authorities = authoritiesOf({ Alice: 1, Bob: 1, Charlie: 1, Dave: 1 });
const setId = 3n;
const round = 9;

const headers = new Map<Hash, Header>();
function child(parent: Head, salt = 0): Head {
  const header: Header = {
    parentHash: Buffer.from(parent.hash.slice(2), "hex"),
    number: parent.number + 1,
    stateRoot: new Uint8Array(32).fill(salt),
    extrinsicsRoot: new Uint8Array(32),
    digest: [],
  };
  const hash = bytesToHash(hashHeader(header));
  headers.set(hash, header);
  return { hash, number: header.number };
}

const root: Head = { hash: `0x${"00".repeat(32)}`, number: 6 };
const target = child(root);
const [one, other] = [child(target, 1), child(target, 2)];
const higher = child(child(one));
const elsewhere = child(root, 9);

function precommit(name: string, block: Head, at = round): SignedVote {
  const key = votingKey(name);
  const signature = key.sign(votePayload(voteOf("precommit", block), BigInt(at), setId));
  return { voter: toHex(key.publicKey), target: block, signature };
}

const chain = { header: (hash: Hash) => headers.get(hash) };
const proofOf = (precommits: readonly SignedVote[], of: Head = target): Uint8Array =>
  buildJustification(round, { target: of, precommits }, chain);
const verdictOn = (proof: Uint8Array) => verifyJustification(proof, setId, authorities);

const good = [precommit("Alice", target), precommit("Bob", one), precommit("Charlie", higher)];

test("precommits for a block and above it prove it, with the headers between", () => {
  const proof = proofOf(good);
  expect(decodeJustification(proof).votes_ancestries).toHaveLength(3);
  expect(verdictOn(proof)).toMatchObject({ type: "valid", target, round: BigInt(round) });
});

test("who voted elsewhere twice counts, and needs no way to where", () => {
  const twice = [precommit("Dave", elsewhere), precommit("Dave", child(elsewhere))];
  expect(verdictOn(proofOf([...good.slice(0, 2), ...twice])).type).toBe("valid");
  expect(verdictOn(proofOf([...good.slice(0, 2), twice[0]!])).type).toBe("invalid");
});

test("it proves only its own block", () => {
  expect(verdictOn(proofOf(good, one)).type).toBe("invalid");
  expect(verdictOn(proofOf(good, root)).type).toBe("invalid");
  // All of these prove more than the target: the proof must be of the highest block.
  const all = ["Alice", "Bob", "Charlie"].map((name) => precommit(name, one));
  expect(verdictOn(proofOf(all)).type).toBe("invalid");
  expect(verdictOn(proofOf(all, one)).type).toBe("valid");
});

test.each<[string, (proof: WireJustification) => Partial<WireJustification>, RegExp]>([
  [
    "too few votes",
    ({ commit }) => ({ commit: { ...commit, precommits: commit.precommits.slice(1) } }),
    /tooLight/,
  ],
  [
    "a vote that stands there twice",
    ({ commit }) => ({ commit: { ...commit, precommits: [...commit.precommits, commit.precommits[0]!] } }),
    /tooManyVotes/,
  ],
  ["another round", () => ({ round: 8n }), /does not verify in set 3, round 8/],
  [
    "a header too many",
    (p) => ({ votes_ancestries: [...p.votes_ancestries, headers.get(other.hash)!] }),
    /prove nothing/,
  ],
  [
    "a header twice",
    (p) => ({ votes_ancestries: [...p.votes_ancestries, p.votes_ancestries[0]!] }),
    /prove nothing/,
  ],
  ["a header too few", (p) => ({ votes_ancestries: p.votes_ancestries.slice(1) }), /unknownBlock|tooLight/],
  [
    "a header that lies about its height",
    (p) => ({
      votes_ancestries: p.votes_ancestries.map((header) => ({ ...header, number: header.number + 1 })),
    }),
    /unknownBlock/,
  ],
  ["another height", ({ commit }) => ({ commit: { ...commit, target_number: 8 } }), /wrongNumber/],
])("%s proves nothing", (_, change, message) => {
  const proof = decodeJustification(proofOf(good));
  const verdict = verdictOn(encodeJustification({ ...proof, ...change(proof) }));
  expect(verdict).toMatchObject({ type: "invalid", message: expect.stringMatching(message) });
});

test("strangers, other sets and empty ones prove nothing", () => {
  expect(verdictOn(proofOf([...good.slice(1), precommit("Eve", target)]))).toMatchObject({ type: "invalid" });
  expect(verifyJustification(proofOf(good), setId + 1n, authorities).type).toBe("invalid");
  expect(verifyJustification(proofOf(good), setId, []).type).toBe("invalid");
  const heavier = authoritiesOf({ Alice: 1, Bob: 1, Charlie: 1, Dave: 3 });
  expect(verifyJustification(proofOf(good), setId, heavier).type).toBe("invalid");
});

test("no byte can be changed, added or left out", () => {
  const proof = proofOf(good);
  void fc.assert(
    fc.property(fc.nat(proof.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Uint8Array.from(proof);
      changed[at]! ^= by;
      expect(verdictOn(changed).type).toBe("invalid");
    }),
    { numRuns: 300 },
  );
  expect(verdictOn(proof.subarray(0, -1)).type).toBe("invalid");
  expect(verdictOn(Uint8Array.of(...proof, 0)).type).toBe("invalid");
});

test("whatever bytes come, the answer is an answer", () => {
  void fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(verdictOn(bytes).type).toBe("invalid");
    }),
    { numRuns: 500 },
  );
});
