import { expect, test } from "vitest";
import type { Judgement, Opinion } from "../../client/judgement.ts";
import { addressOf } from "./account.ts";
import { judgementLines } from "./judgement-text.ts";
import { standingLines } from "./standing-text.ts";

const [alice, bob, carol] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const failed = {
  rule: "ReExecution",
  number: 0,
  value: 3_000_000_000n,
  relation: "Equal",
  threshold: 0n,
  passed: false,
} as const;
const opinion = (inspector: Uint8Array, change: Partial<Opinion> = {}): Opinion => ({
  inspector,
  round: 0,
  ruling: undefined,
  fault: undefined,
  failed: undefined,
  ...change,
});
const judgement = (outcome: string | undefined, change: Partial<Judgement> = {}): Judgement =>
  ({
    info: { id: 7, order: undefined, bids: [], anchors: [], ended: outcome && { outcome, ended: 90 } },
    submission: undefined,
    opinions: [],
    appellant: undefined,
    ruling: undefined,
    failed: undefined,
    ...change,
  }) as unknown as Judgement;

test("a rejection names the number that decided, who found it, and who found otherwise", () => {
  const opinions = [
    opinion(alice, { ruling: "Rejected", failed }),
    opinion(bob, { ruling: "Accepted" }),
    opinion(carol),
    opinion(bob, { round: 2, ruling: "Faulted", fault: "BadData" }),
  ];
  const found = judgement("Rejected", { opinions, ruling: "Rejected", failed, appellant: carol });
  const why = "drawn segments, run again: states with another hash: 3, it must be exactly 0";
  expect(judgementLines(found)).toEqual([
    "order 7 ended in block 90: Rejected",
    `the ruling is Rejected, because of ${why}`,
    `${addressOf(alice)} of the first panel says Rejected: ${why}`,
    `${addressOf(bob)} of the first panel says Accepted`,
    `${addressOf(carol)} of the first panel says nothing`,
    `${addressOf(bob)} of the appeal says Faulted: BadData`,
    `${addressOf(carol)} appealed`,
  ]);
});

test("an end without a ruling is told by its cause, a claim by the fault", () => {
  expect(judgementLines(judgement("Declined"))).toEqual([
    "order 7 ended in block 90: Declined",
    "because its trainer declined it",
  ]);
  const claim = { type: "Fault", value: "Unreachable" } as const;
  expect(judgementLines(judgement("Expired", { submission: claim, ruling: "Rejected" }))).toEqual([
    "order 7 ended in block 90: Expired",
    "the trainer claimed a fault of the buyer's: Unreachable",
    "the ruling is Rejected",
  ]);
  const live = { id: 7, bids: [], anchors: [], ended: undefined, order: { state: "Judged", deadline: 99 } };
  expect(judgementLines(judgement(undefined, { info: live as never }))[0]).toMatch(
    /^order 7: Judged: waits for an appeal, until block 99/,
  );
});

test("drilling, keys and disputes of a trainer are told where there are any", () => {
  const facts = { block: 50, drilling: { asking: true, streak: 3, rests_until: 40 } };
  const none = { order: 7, keys: [], ruling: undefined, own: undefined, isTrainer: true, isAppealed: false };
  expect(standingLines(facts, { sealingKey: undefined, involvements: [none] })).toEqual([
    "drilling: asks for units, 3 right in a row",
    "no sealing key: nothing can be sealed to it before `trainer run` has set one",
  ]);
  const rests = { block: 50, drilling: { asking: false, streak: 0, rests_until: 60 } };
  const involvements = [
    { ...none, keys: ["TrainingData" as const], ruling: "Rejected" as const },
    { ...none, order: 8, isTrainer: false, ruling: "Accepted" as const, own: "Rejected" as const },
    { ...none, order: 9, isTrainer: false, ruling: "Accepted" as const, own: "Accepted" as const },
    { ...none, order: 10, ruling: "Accepted" as const, isAppealed: true },
  ];
  expect(standingLines(rests, { sealingKey: alice, involvements })).toEqual([
    "drilling: does not ask for units, 0 right in a row, rests until block 60",
    `sealing key: 0x${"01".repeat(32)}`,
    "keys of order 7: given for TrainingData",
    "dispute: order 7 was ruled Rejected, its own proof; `trainer why 7` tells the reason",
    "dispute: order 8 was ruled Accepted, where it said Rejected; `trainer why 8` tells the reason",
    "dispute: order 10 was ruled Accepted, its own proof; appealed",
  ]);
});
