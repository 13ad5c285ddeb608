import { expect, test } from "vitest";
import { penaltyLines } from "./obstacles.ts";

const MAI = 1_000_000_000_000n;
const evidence = new Uint8Array(32);

test("a penalty tells its block, amount, reason, and in what it happened; the last comes first", () => {
  const lines = penaltyLines({
    penalties: [
      {
        block: 3,
        reason: "BlockEquivocation",
        subject: { type: "Slot", value: 77n },
        amount: 5n * MAI,
        evidence,
      },
      {
        block: 4,
        reason: "VoteEquivocation",
        subject: { type: "Round", value: { set_id: 2n, round: 9n } },
        amount: MAI,
        evidence,
      },
      {
        block: 5,
        reason: "ChallengeFailed",
        subject: { type: "Machine", value: new Uint8Array(16).fill(0xab) },
        amount: MAI,
        evidence,
      },
      {
        block: 6,
        reason: "FalseResult",
        subject: { type: "Unit", value: { task: 1, unit: 40 } },
        amount: MAI / 2n,
        evidence,
      },
      {
        block: 8,
        reason: "ProofRejected",
        subject: { type: "Order", value: 12 },
        amount: 30n * MAI,
        evidence,
      },
    ],
  });
  expect(lines).toEqual([
    "In block 8 it lost 30 MAI, because inspectors found its proof of training false: order 12; `trainer why 12` tells who judged it and which number decided.",
    "In block 6 it lost 0.5 MAI, because its result of a drilling unit was another than the majority's: unit 40 of task 1.",
    `In block 5 it lost 1 MAI, because a machine did not answer its hardware challenge rightly and in time: machine 0x${"ab".repeat(16)}.`,
    "In block 4 it lost 1 MAI, because it voted twice in one round of finality: round 9 of the voters' set 2.",
    "In block 3 it lost 5 MAI, because it made two blocks for one slot: slot 77.",
  ]);
});
