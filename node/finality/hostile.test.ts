import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { decode } from "../../runtime/primitives/codec.ts";
import { equivocationProof, votePayload } from "../../runtime/primitives/grandpa.ts";
import type { Hash } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import { voteMessageOf } from "./catch-up.ts";
import { buildJustification } from "./justification.ts";
import type { Phase } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";
import { isSigned, voteOf } from "./signatures.ts";
import { ToyNetwork } from "./testing/network.ts";
import { authoritiesOf, isFinal, type ToyVoter, votingKey } from "./testing/toy-voters.ts";
import { FinalityContradiction, type Verdict } from "./types.ts";
import { encodeCatchUpAnswer, encodeGossip, toWireCommit } from "./wire.ts";

/** Alice alone is not enough: Bob, Charlie and Dave are whoever the test says. */
const sets = [authoritiesOf({ Alice: 1, Bob: 1, Charlie: 1, Dave: 1 })];
const reported: Uint8Array[] = [];

let network: ToyNetwork;
let alice: ToyVoter;
beforeEach(async () => {
  reported.length = 0;
  network = new ToyNetwork({ sets, gossipMs: 20 });
  const parts = { onEquivocation: (proof: Uint8Array) => void reported.push(proof) };
  alice = await network.start("Alice", { parts });
});
afterEach(() => network.stop());

function signed(name: string, phase: Phase, target: Head, round = 1, setId = 0n): SignedVote {
  const key = votingKey(name);
  const payload = votePayload(voteOf(phase, target), BigInt(round), setId);
  return { voter: toHex(key.publicKey), target, signature: key.sign(payload) };
}

const vote = (name: string, phase: Phase, target: Head, round = 1, setId = 0n): Uint8Array =>
  voteMessageOf(setId, round, phase, signed(name, phase, target, round, setId));

const commit = (target: Head, precommits: readonly SignedVote[], round = 1): Uint8Array =>
  encodeGossip({
    type: "Commit",
    value: { round: BigInt(round), set_id: 0n, message: toWireCommit({ target, precommits }) },
  });

/** What Alice makes of a message. */
async function verdictOn(bytes: Uint8Array): Promise<Verdict> {
  await network.hub.say("Mallory", bytes);
  return network.hub.log.findLast(({ from, to }) => from === "Mallory" && to === "Alice")!.verdict;
}

const headAt = (number: number): Head => ({ hash: alice.chain.hashAt(number)!, number });
const unknown = (i: number, number = 1): Head => ({
  hash: `0x${i.toString(16).padStart(64, "f")}` as Hash,
  number,
});

describe("what strangers say", () => {
  beforeEach(async () => {
    await alice.extend(3);
  });

  test("nonsense is refused", async () => {
    for (const bytes of [[], [0], [9, 9, 9], Array(500).fill(255), [4, 1, 2]]) {
      expect(await verdictOn(Uint8Array.from(bytes))).toBe("reject");
    }
    const whole = vote("Bob", "prevote", headAt(1));
    for (let cut = 0; cut < whole.length; cut += 7) {
      expect(await verdictOn(whole.subarray(0, cut))).toBe("reject");
    }
  });

  test("votes count once, and only those of members with their signatures", async () => {
    expect(await verdictOn(vote("Eve", "prevote", headAt(1)))).toBe("reject");
    const forged = { ...signed("Bob", "prevote", headAt(1)), target: headAt(2) };
    expect(await verdictOn(voteMessageOf(0n, 1, "prevote", forged))).toBe("reject");
    expect(await verdictOn(voteMessageOf(0n, 2, "prevote", signed("Bob", "prevote", headAt(1))))).toBe(
      "reject",
    );
    expect(await verdictOn(vote("Bob", "prevote", headAt(1)))).toBe("accept");
    expect(await verdictOn(vote("Bob", "prevote", headAt(1)))).toBe("ignore");
    const { best } = alice.finality.roundState()!;
    expect(best.prevotes.missing.map(toHex)).not.toContain(toHex(votingKey("Bob").publicKey));
  });

  test("votes of other sets, of rounds far away and for false heights are dropped without blame", async () => {
    expect(await verdictOn(vote("Bob", "prevote", headAt(1), 1, 7n))).toBe("ignore");
    expect(await verdictOn(vote("Bob", "prevote", headAt(1), 3))).toBe("ignore");
    expect(await verdictOn(vote("Bob", "prevote", { ...headAt(1), number: 2 }))).toBe("ignore");
  });

  test("of votes for blocks that nobody has, a few of each voter are kept", async () => {
    const verdicts: Verdict[] = [];
    for (let i = 0; i < 40; i++) verdicts.push(await verdictOn(vote("Bob", "prevote", unknown(i))));
    expect(verdicts.filter((verdict) => verdict === "accept")).toHaveLength(12);
    expect(verdicts.at(-1)).toBe("ignore");
  });

  test("commits must hold", async () => {
    const target = headAt(2);
    const votes = ["Bob", "Charlie", "Dave"].map((name) => signed(name, "precommit", target));
    const [bob, charlie, dave] = votes as [SignedVote, SignedVote, SignedVote];
    expect(await verdictOn(commit(target, [bob, charlie]))).toBe("reject");
    expect(await verdictOn(commit(target, [bob, charlie, charlie]))).toBe("reject");
    expect(await verdictOn(commit(target, [bob, charlie, { ...dave, signature: bob.signature }]))).toBe(
      "reject",
    );
    expect(await verdictOn(commit(target, [bob, charlie, signed("Eve", "precommit", target)]))).toBe(
      "reject",
    );
    expect(await verdictOn(commit(headAt(1), votes))).toBe("reject");
    expect(await verdictOn(commit(target, votes, 2))).toBe("reject");
    expect(alice.chain.finalized.number).toBe(0);
    expect(await verdictOn(commit(target, votes))).toBe("accept");
    await isFinal(alice, 2);
    expect(await verdictOn(commit(target, votes))).toBe("ignore");
  });

  test("a commit of a block that is still to come waits for it", async () => {
    const other = await network.start("Eve");
    await network.share(alice, other);
    const hash = await other.extend(1, { salt: 5 });
    const target = { hash, number: 4 };
    const votes = ["Bob", "Charlie", "Dave"].map((name) => signed(name, "precommit", target));
    expect(await verdictOn(commit(target, votes))).toBe("accept");
    expect(alice.chain.finalized.number).toBe(0);
    await alice.import(other.block(hash));
    await isFinal(alice, 4);
  });

  test("who votes twice is reported once, with both signatures", async () => {
    expect(await verdictOn(vote("Dave", "prevote", headAt(1)))).toBe("accept");
    expect(await verdictOn(vote("Dave", "prevote", headAt(2)))).toBe("accept");
    expect(await verdictOn(vote("Dave", "prevote", headAt(3)))).toBe("ignore");
    await alice.extend(1);
    await expect.poll(() => reported.length).toBe(1);
    const { set_id, equivocation } = decode(equivocationProof, reported[0]!);
    const { identity, round_number, first, second } = equivocation.value;
    expect(first[0]).not.toEqual(second[0]);
    for (const [target, signature] of [first, second]) {
      const message = { type: equivocation.type, value: target };
      expect(isSigned(message, signature, toHex(identity), { setId: set_id, round: round_number })).toBe(
        true,
      );
    }
  });
});

test("answers that do not hold cost their peer, and change nothing", async () => {
  await alice.extend(2);
  const message = vote("Eve", "prevote", headAt(1));
  const answers = [
    Uint8Array.of(1, 2, 3),
    encodeCatchUpAnswer({ justifications: [Uint8Array.of(1)], messages: [] }),
    encodeCatchUpAnswer({ justifications: [], messages: [message] }),
    encodeCatchUpAnswer({ justifications: [], messages: [Uint8Array.of(7)] }),
  ];
  let asked = 0;
  network.hub.join("Mallory").onMessage(() => "ignore");
  network.hub.impersonate("Mallory", () => answers[asked++ % answers.length]!);
  await expect.poll(() => network.hub.badAnswers.length).toBeGreaterThanOrEqual(4);
  expect(alice.chain.finalized.number).toBe(0);
});

describe("a supermajority that contradicts itself", () => {
  const byAll = (target: Head) => ["Bob", "Charlie", "Dave"].map((name) => signed(name, "precommit", target));
  let fork: Head;

  beforeEach(async () => {
    await alice.extend(2);
    fork = { hash: await alice.extend(2, { parent: alice.chain.genesisHash, salt: 1 }), number: 2 };
    await verdictOn(commit(headAt(2), byAll(headAt(2))));
    await isFinal(alice, 2);
  });

  test.each([
    ["of a block on a branch that was given up", () => fork],
    ["of a block that was never seen here", () => unknown(1, 2)],
  ])("stops the node, by a commit %s", async (_, other) => {
    const final = alice.chain.finalized;
    const failed = expect(alice.finality.failed).rejects.toThrow(FinalityContradiction);
    await verdictOn(commit(other(), byAll(other())));
    await failed;
    expect(alice.chain.finalized).toEqual(final);
  });

  test("stops the node, by a proof that holds", async () => {
    const failed = expect(alice.finality.failed).rejects.toThrow(FinalityContradiction);
    const proof = buildJustification(1, { target: fork, precommits: byAll(fork) }, alice.chain);
    const taken = alice.finality.importJustification(fork.hash, ["FRNK", proof]);
    await expect(taken).rejects.toThrow(FinalityContradiction);
    await failed;
    expect(alice.chain.finalized.number).toBe(2);
  });

  test("is none where the proof does not hold", async () => {
    const proof = buildJustification(1, { target: fork, precommits: byAll(fork).slice(1) }, alice.chain);
    const refused = { code: "BadJustification" };
    expect(await alice.finality.importJustification(fork.hash, ["FRNK", proof])).toMatchObject(refused);
    expect(await alice.finality.importJustification(fork.hash, ["BABE", proof])).toMatchObject(refused);
    const stranger = await alice.finality.importJustification(unknown(3).hash, ["FRNK", proof]);
    expect(stranger).toMatchObject({ code: "UnknownBlock" });
    expect(await alice.finality.importJustification(headAt(1).hash, ["FRNK", proof])).toBeUndefined();
  });
});
