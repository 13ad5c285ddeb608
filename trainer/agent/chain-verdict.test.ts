import fc from "fast-check";
import { expect, test } from "vitest";
import { verdict as verdictCodec } from "../../pallets/proof-of-training/index.ts";
import { checkVerdict } from "../../pallets/proof-of-training/soundness.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import type { Verdict as Inspected } from "../proof/inspection/inspect.ts";
import { above, atLeast, atMost, exactly, failed, type Report, report } from "../proof/rules/report.ts";
import { faultVerdict, noFaultVerdict, unreadableVerdict, verdictOf } from "./chain-verdict.ts";

const proof = { isClaim: false, isForfeited: false };
const ids = [
  "identity",
  "start",
  "rule1",
  "rule2",
  "rule3",
  "rule4",
  "rule5",
  "rule6",
  "losses",
  "re-execution",
  "work",
];

const inspected = (reports: readonly Report[], flop = "1000"): Inspected => ({
  version: 1,
  passed: reports.every(({ passed }) => passed),
  identity: { order: 1, trainer: `0x${"1".repeat(64)}`, randomness: `0x${"2".repeat(64)}` },
  manifest: `0x${"3".repeat(64)}`,
  challenge: `0x${"4".repeat(64)}`,
  comparison: "exact",
  reports,
  flop,
});

/** Any number that a statistic may come to, and one near its threshold more often than chance would have it. */
const pair = fc.oneof(
  fc.tuple(fc.double(), fc.double({ noNaN: true })),
  fc
    .tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(0, 1e-12, -1e-12, 4e-10, -4e-10))
    .map(([t, off]) => [t + off, t] as const),
);
const finding = fc
  .tuple(pair, fc.constantFrom(atMost, atLeast, above, exactly))
  .map(([[value, threshold], make]) => make("statistic", value, threshold));
const reports = fc.tuple(
  ...ids.map((id) => fc.array(finding, { maxLength: 4 }).map((found) => report(id, id, found))),
);

test("whatever was measured, the verdict is one that the chain counts", () => {
  fc.assert(
    fc.property(reports, (all) => {
      // A check without numbers speaks for nothing; the chain wants one of each.
      const whole = all.map((each) =>
        each.findings.length > 0 ? each : report(each.id, each.id, [exactly("n", 0, 0)]),
      );
      const said = verdictOf(inspected(whole));
      expect(said.ruling).toBe(whole.every(({ passed }) => passed) ? "Accepted" : "Rejected");
      checkVerdict(said, proof);
      expect(decode(verdictCodec, encode(verdictCodec, said))).toEqual(said);
    }),
    { numRuns: 500 },
  );
});

test("a check that could not be carried out is a finding of its own, the rules as a whole one of the package", () => {
  for (const [id, rule] of [
    ["re-execution", "ReExecution"],
    ["rules", "Package"],
    ["package", "Package"],
  ] as const) {
    const said = verdictOf(inspected([failed(id, id, "why")], "0"));
    expect(said.findings).toMatchObject([{ rule, passed: false }]);
    checkVerdict(said, proof);
  }
});

test("accuracy is told where it was measured", () => {
  const rule1 = report("rule1", "accuracy rises", [atLeast("final accuracy", 0.875, 0.5)]);
  expect(verdictOf(inspected([rule1])).accuracy).toBe(875_000_000);
  expect(verdictOf(inspected([])).accuracy).toBeUndefined();
});

test("faults, packages that cannot be read and claims without a fault count too", () => {
  checkVerdict(faultVerdict("BadModel", "no graph"), proof);
  checkVerdict(faultVerdict("Unreachable", "gone"), { isClaim: true, isForfeited: false });
  checkVerdict(unreadableVerdict("not there"), proof);
  checkVerdict(noFaultVerdict(), { isClaim: true, isForfeited: false });
});
