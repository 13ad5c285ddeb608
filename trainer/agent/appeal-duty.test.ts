import { expect, test } from "vitest";
import { hasDoubt } from "./appeal-duty.ts";
import type { Fault } from "./chain-verdict.ts";

const [trainer, judge, stranger] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const proof = { type: "Proof", value: { hash: trainer, uri: trainer } } as const;
const claim = { type: "Fault", value: "Unreachable" satisfies Fault } as const;
const order = { deal: { trainer } } as never;
const seat = (ruling: string | undefined, round = 0) => ({
  inspector: judge,
  round,
  vote: ruling && { ruling },
});
const judged = (submission: object, ...seats: object[]) => ({ submission, seats }) as never;

test("a trainer doubts what does not accept its proof, or denies its claim", () => {
  const of = (submission: object) =>
    (["Accepted", "Rejected", "Faulted"] as const).map((ruling) =>
      hasDoubt(trainer, order, judged(submission), ruling),
    );
  expect(of(proof)).toEqual([false, true, true]);
  expect(of(claim)).toEqual([true, true, false]);
});

test("an inspector doubts a ruling against its own, but not for what it could not read", () => {
  expect(hasDoubt(judge, order, judged(proof, seat("Accepted")), "Rejected")).toBe(true);
  expect(hasDoubt(judge, order, judged(proof, seat("Rejected")), "Accepted")).toBe(true);
  expect(hasDoubt(judge, order, judged(proof, seat("Rejected")), "Rejected")).toBe(false);
  expect(hasDoubt(judge, order, judged(proof, seat("Faulted")), "Accepted")).toBe(false);
  expect(hasDoubt(judge, order, judged(claim, seat("Faulted")), "Rejected")).toBe(true);
  expect(hasDoubt(judge, order, judged(proof, seat(undefined)), "Rejected")).toBe(false);
  expect(hasDoubt(stranger, order, judged(proof, seat("Accepted")), "Rejected")).toBe(false);
});
