import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDevice } from "../engine/device/device.ts";
import { inspect } from "../proof/inspection/inspect.ts";
import { Package } from "../proof/package.ts";
import { record } from "../proof/record.ts";
import { jobOf, orderOf } from "../proof/testing/job-of.ts";
import { smallDigits } from "../proof/testing/small-digits.ts";
import { verdictOf } from "./chain-verdict.ts";
import { findingText, statisticOf } from "./finding-text.ts";

test("what the chain keeps of each number of an inspection leads back to its name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "matrixai-words-"));
  const device = await openDevice({ threads: 1 });
  try {
    const job = jobOf("mlp", await smallDigits(1, 400), await smallDigits(2, 200));
    const pkg = new Package(folder);
    const given = { identity: orderOf(1), challenge: new Uint8Array(32).fill(1), everything: true };
    const proof = await record(device, job, orderOf(1), pkg);
    for (const runtime of [proof.runtime, "another runtime"]) {
      await pkg.writeProof({ ...proof, runtime });
      const { verdict } = await inspect(device, job, pkg, given);
      expect(verdict.comparison).toBe(runtime === proof.runtime ? "exact" : "tolerant");
      const measured = verdict.reports.flatMap(({ findings }) => findings.map(({ statistic }) => statistic));
      expect(verdictOf(verdict).findings.map(statisticOf)).toEqual(measured);
    }
  } finally {
    device.close();
    rmSync(folder, { recursive: true });
  }
});

test("a finding is told with its value and what it was held against", () => {
  const spearman = { rule: "Rule5", number: 0, value: 312_345_678n, relation: "AtLeast" } as const;
  expect(findingText({ ...spearman, threshold: 900_000_000n })).toBe(
    "rule 5, the distance to the result falls: Spearman's coefficient: 0.3123, it must be at least 0.9",
  );
  const broken = { rule: "Package", number: 0, value: 1_000_000_000n, relation: "Equal" } as const;
  expect(findingText({ ...broken, threshold: 0n })).toBe(
    "the package: parts that cannot be read: 1, it must be exactly 0",
  );
});
