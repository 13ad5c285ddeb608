/** Keys on their way: who may give which to whom until when, what is kept of them, and who answers where they are withheld. */
import { describe, expect, test } from "vitest";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import { freeBalance } from "../balances/index.ts";
import { type KeyPurpose, storage as marketplace } from "../marketplace/index.ts";
import { assertMarket } from "../marketplace/testing/invariants.ts";
import {
  acceptDirect,
  accepts,
  awaitDraw,
  buyer,
  endowment,
  faults,
  judge,
  link,
  market,
  marketCall,
  nextBlock,
  noop,
  ok,
  panel,
  passDeadline,
  place,
  placeDirect,
  potCall,
  proof,
  prove,
  rejects,
  sealingKey,
  stranger,
  toBlock,
  train,
  trainer,
} from "../marketplace/testing/market.ts";
import { blockNumber } from "../system/index.ts";
import { happened, MAI, person } from "../testing/chain.ts";
import { storage as staking } from "../trainer-staking/index.ts";
import { storage, type Verdict } from "./index.ts";
import { assertInspections } from "./testing/invariants.ts";

const envelope = (first: number): Uint8Array => new Uint8Array(80).fill(first);
const give = (order: number, to: Uint8Array, purpose: KeyPurpose = "TrainingData", key = envelope(1)) =>
  potCall("release_key", { order, to, purpose, key });
const submit = (order: number, given: object = proof) => potCall("submit_proof", { order, package: given });
const claim = { type: "Fault", value: "KeyWithheld" } as const;
const withheld: Verdict = { ...faults, fault: "KeyWithheld" };
const unread: Verdict = { ...rejects, findings: [{ ...rejects.findings[0]!, rule: "Package" }] };
const kept = ({ ctx }: TestChain, order: number) =>
  [...marketplace.ReleasedKeys.iterate(ctx, order)].map(([, to, purpose]) => [to, purpose]);
const check = ({ ctx }: TestChain) => {
  assertMarket(ctx);
  assertInspections(ctx);
};
const bonded = endowment - 1_000n * MAI;
const gain = (chain: TestChain, who: Uint8Array) => freeBalance(chain.ctx, who) - bonded;
const inspectionBond = (100n * MAI) / 3n;

describe("the key of the training data", () => {
  test("goes from the buyer to the trainer, once, from acceptance until the proof", () => {
    const chain = market();
    const open = place(chain);
    noop(chain, buyer, give(open, trainer(0)), "ProofOfTraining.NotParty");
    noop(chain, buyer, give(99, trainer(0)), "Marketplace.NoOrder");
    const id = acceptDirect(chain);
    expect(marketplace.Orders.get(chain.ctx, id)!.deal!.sealing_key).toEqual(sealingKey(0));
    for (const to of [buyer, stranger, trainer(1)])
      noop(chain, buyer, give(id, to), "ProofOfTraining.NotParty");
    for (const from of [trainer(0), trainer(1), stranger])
      noop(chain, from, give(id, trainer(0)), "ProofOfTraining.NotParty");
    noop(chain, buyer, give(id, trainer(0), "ValidationData"), "ProofOfTraining.NotParty");
    noop(chain, trainer(0), give(id, buyer, "Package"), "ProofOfTraining.NotParty");
    ok(chain, buyer, give(id, trainer(0)));
    expect(happened(chain.ctx).at(-1)).toEqual([
      "ProofOfTraining.KeyReleased",
      { order: id, from: buyer, to: trainer(0), purpose: "TrainingData", key: envelope(1) },
    ]);
    expect(marketplace.ReleasedKeys.get(chain.ctx, id, trainer(0), "TrainingData")).toEqual(envelope(1));
    noop(chain, buyer, give(id, trainer(0), "TrainingData", envelope(2)), "ProofOfTraining.AlreadyReleased");
    check(chain);

    const late = train(chain);
    ok(chain, trainer(0), submit(late));
    noop(chain, buyer, give(late, trainer(0)), "ProofOfTraining.ReleaseTooLate");
  });

  test("counts as sealed to the key that the trainer had when it accepted", () => {
    const chain = market();
    staking.SealingKeys.delete(chain.ctx, trainer(0));
    const id = acceptDirect(chain);
    staking.SealingKeys.set(chain.ctx, trainer(0), sealingKey(0));
    noop(chain, buyer, give(id, trainer(0)), "ProofOfTraining.NoSealingKey");
    noop(chain, trainer(0), submit(id, claim), "ProofOfTraining.NoSealingKey");
  });
});

describe("keys for inspectors", () => {
  test("go to those of the round until their time is over, where something is sealed", () => {
    const chain = market();
    const id = prove(chain, { recipient: person(9), validation: "Released" });
    const { keys_by, release_by, seats } = storage.Inspections.get(chain.ctx, id)!;
    expect(keys_by).toBe(blockNumber(chain.ctx) + 300);
    expect(release_by).toBe(keys_by);
    expect(marketplace.Orders.get(chain.ctx, id)!.deadline).toBe(keys_by! + 600);
    const [a, b, c] = panel(chain.ctx, id) as [Uint8Array, Uint8Array, Uint8Array];
    for (const { inspector, sealing_key } of seats)
      expect(sealing_key).toEqual(sealingKey(inspector[0]! - 1));
    ok(chain, buyer, give(id, a));
    ok(chain, buyer, give(id, a, "ValidationData"));
    ok(chain, trainer(0), give(id, a, "Package"));
    noop(chain, trainer(0), give(id, a, "Package", envelope(2)), "ProofOfTraining.AlreadyReleased");
    noop(chain, trainer(0), give(id, b), "ProofOfTraining.NotParty");
    noop(chain, trainer(0), give(id, b, "ValidationData"), "ProofOfTraining.NotParty");
    noop(chain, buyer, give(id, b, "Package"), "ProofOfTraining.NotParty");
    noop(chain, a, give(id, b, "Package"), "ProofOfTraining.NotParty");
    noop(chain, trainer(0), give(id, trainer(0), "Package"), "ProofOfTraining.NotParty");
    toBlock(chain, keys_by!);
    ok(chain, trainer(0), give(id, b, "Package"));
    nextBlock(chain);
    noop(chain, trainer(0), give(id, c, "Package"), "ProofOfTraining.ReleaseTooLate");
    expect(kept(chain, id)).toHaveLength(4);
    check(chain);
  });

  test("are not waited for where nothing is sealed", () => {
    const chain = market();
    const id = prove(chain);
    expect(storage.Inspections.get(chain.ctx, id)!.keys_by).toBeUndefined();
    expect(marketplace.Orders.get(chain.ctx, id)!.deadline).toBe(blockNumber(chain.ctx) + 600);
    const [a] = panel(chain.ctx, id) as [Uint8Array];
    noop(chain, buyer, give(id, a), "ProofOfTraining.NothingToRelease");
  });

  test("each panel has its own time for its own keys", () => {
    const chain = market(10);
    const id = prove(chain, { recipient: person(9) });
    const [first] = panel(chain.ctx, id) as [Uint8Array];
    judge(chain, id, [accepts, unread, withheld]);
    awaitDraw(chain);
    expect(storage.Inspections.get(chain.ctx, id)).toMatchObject({
      round: 1,
      keys_by: blockNumber(chain.ctx) + 300,
    });
    noop(chain, trainer(0), give(id, first, "Package"), "ProofOfTraining.NotParty");
    for (const who of panel(chain.ctx, id)) ok(chain, trainer(0), give(id, who, "Package"));
    check(chain);
  });

  test("a trainer without a sealing key is not drawn where something is sealed", () => {
    for (const recipient of [undefined, person(9)]) {
      const chain = market(5);
      for (const i of [1, 2, 3]) staking.SealingKeys.delete(chain.ctx, trainer(i));
      const id = prove(chain, { recipient });
      const drawn = panel(chain.ctx, id);
      if (recipient) expect(drawn).toEqual([trainer(4)]);
      else expect(drawn).toHaveLength(3);
      check(chain);
    }
  });

  test("a key to the trainer is what tells the chain that data is sealed", () => {
    const chain = market();
    const id = acceptDirect(chain);
    ok(chain, buyer, give(id, trainer(0)));
    ok(chain, trainer(0), potCall("start", { order: id, link: link(0) }));
    ok(chain, trainer(0), submit(id, { type: "Fault", value: "HashMismatch" }));
    awaitDraw(chain);
    expect(storage.Inspections.get(chain.ctx, id)!.keys_by).toBe(blockNumber(chain.ctx) + 300);
  });
});

describe("a key that is withheld", () => {
  test("can be claimed once half of the time to start is over, and not given any more", () => {
    const chain = market();
    const id = acceptDirect(chain);
    const { deadline, deal } = marketplace.Orders.get(chain.ctx, id)!;
    toBlock(chain, Math.floor((deal!.accepted + deadline) / 2));
    noop(chain, trainer(0), submit(id, claim), "ProofOfTraining.KeyClaimUntimely");
    nextBlock(chain);
    ok(chain, trainer(0), submit(id, claim));
    noop(chain, buyer, give(id, trainer(0)), "ProofOfTraining.ReleaseTooLate");
    awaitDraw(chain);
    judge(chain, id, [withheld, withheld, withheld]);
    passDeadline(chain, id);
    expect(marketplace.Ended.get(chain.ctx, id)!.outcome).toBe("Faulted");
    // The trainer has its bond back, the buyer its price; inspectors have done their part.
    expect(gain(chain, trainer(0))).toBe(0n);
    expect(freeBalance(chain.ctx, buyer)).toBe(endowment - 3n * MAI);
    check(chain);
  });

  test("can be claimed at once where the wrong one was given, and never after the start", () => {
    const chain = market();
    const id = acceptDirect(chain);
    noop(chain, trainer(0), submit(id, claim), "ProofOfTraining.KeyClaimUntimely");
    ok(chain, buyer, give(id, trainer(0), "TrainingData", envelope(0xee)));
    ok(chain, trainer(0), submit(id, claim));
    const begun = train(chain, {}, 0);
    toBlock(chain, marketplace.Orders.get(chain.ctx, begun)!.deadline);
    noop(chain, trainer(0), submit(begun, claim), "ProofOfTraining.KeyClaimUntimely");
  });

  test("that was given after all is a deadline missed", () => {
    const chain = market();
    const id = acceptDirect(chain);
    ok(chain, buyer, give(id, trainer(0)));
    ok(chain, trainer(0), submit(id, claim));
    awaitDraw(chain);
    const none: Verdict = { ...rejects, findings: [] };
    judge(chain, id, [none, none, none]);
    passDeadline(chain, id);
    expect(marketplace.Ended.get(chain.ctx, id)!.outcome).toBe("Expired");
    check(chain);
  });

  test.each([
    ["data", withheld, true],
    ["the package", unread, true],
    ["data that was never sealed", withheld, false],
    ["a package that was never sealed", unread, false],
  ] as const)("an inspector from which the key of %s was kept loses nothing: %s", (_, said, isSealed) => {
    const chain = market();
    const id = train(chain, isSealed && said === unread ? { recipient: person(9) } : {});
    if (isSealed && said === withheld) ok(chain, buyer, give(id, trainer(0)));
    ok(chain, trainer(0), submit(id));
    awaitDraw(chain);
    const [a] = panel(chain.ctx, id) as [Uint8Array];
    judge(chain, id, [said, accepts, accepts]);
    passDeadline(chain, id);
    expect(marketplace.Ended.get(chain.ctx, id)!.outcome).toBe("Completed");
    const lost = said === unread ? inspectionBond : inspectionBond / 4n;
    expect(gain(chain, a)).toBe(isSealed ? 0n : -lost);
    check(chain);
  });

  test.each([
    ["data", "TrainingData", withheld],
    ["the package", "Package", unread],
  ] as const)(
    "an inspector that was given the key of %s and says otherwise loses as ever",
    (_, purpose, said) => {
      const chain = market();
      const id = train(chain, { recipient: person(9) });
      ok(chain, buyer, give(id, trainer(0)));
      ok(chain, trainer(0), submit(id));
      awaitDraw(chain);
      const [a] = panel(chain.ctx, id) as [Uint8Array];
      ok(chain, purpose === "Package" ? trainer(0) : buyer, give(id, a, purpose));
      judge(chain, id, [said, accepts, accepts]);
      passDeadline(chain, id);
      expect(gain(chain, a)).toBe(said === unread ? -inspectionBond : -inspectionBond / 4n);
      check(chain);
    },
  );
});

describe("what is kept of keys goes when the order is over:", () => {
  const none = (chain: TestChain, id: number) => {
    expect(marketplace.Orders.exists(chain.ctx, id)).toBe(false);
    expect(kept(chain, id)).toEqual([]);
    check(chain);
  };
  const given = (chain: TestChain, recipient = person(9)): number => {
    const id = train(chain, { recipient });
    ok(chain, buyer, give(id, trainer(0)));
    ok(chain, trainer(0), submit(id));
    awaitDraw(chain);
    for (const who of panel(chain.ctx, id)) {
      ok(chain, buyer, give(id, who));
      ok(chain, trainer(0), give(id, who, "Package"));
    }
    expect(kept(chain, id)).toHaveLength(7);
    return id;
  };

  test.each([
    ["completed", accepts],
    ["rejected", rejects],
    ["at fault", faults],
  ] as const)("%s", (_, said) => {
    const chain = market();
    const other = acceptDirect(chain);
    ok(chain, buyer, give(other, trainer(0)));
    const id = given(chain);
    judge(chain, id, [said, said, said]);
    passDeadline(chain, id);
    none(chain, id);
    expect(kept(chain, other).length + (marketplace.Orders.exists(chain.ctx, other) ? 0 : 1)).toBe(1);
  });

  test("inconclusive", () => {
    const chain = market();
    const id = given(chain);
    judge(chain, id, [accepts, rejects, faults]);
    awaitDraw(chain);
    judge(chain, id, [accepts, rejects, faults]);
    none(chain, id);
  });

  test("cancelled, and expired", () => {
    const chain = market();
    const [cancelled, expired] = [acceptDirect(chain), acceptDirect(chain)];
    for (const id of [cancelled, expired]) ok(chain, buyer, give(id, trainer(0)));
    ok(chain, buyer, marketCall("cancel_order", { order: cancelled }));
    none(chain, cancelled);
    passDeadline(chain, expired);
    none(chain, expired);
  });

  test("declined orders have none", () => {
    const chain = market();
    const id = placeDirect(chain);
    ok(chain, trainer(0), marketCall("decline_order", { order: id }));
    none(chain, id);
  });
});
