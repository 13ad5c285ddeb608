/**
 * Trains honest runs and builds forgeries, inspects them all, and writes the tables of docs/proof-of-training.md.
 * Run: `npm run proof-tables`; ends with 1 when an honest run is rejected or a forgery accepted.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Device, openDevice } from "../trainer/engine/device/device.ts";
import { inspect, type Verdict } from "../trainer/proof/inspection/inspect.ts";
import type { Job } from "../trainer/proof/job.ts";
import { Package } from "../trainer/proof/package.ts";
import { record } from "../trainer/proof/record.ts";
import type { Finding } from "../trainer/proof/rules/report.ts";
import { attacks } from "../trainer/proof/testing/attacks.ts";
import { honestRuns } from "../trainer/proof/testing/honest-runs.ts";
import { jobOf, orderOf } from "../trainer/proof/testing/job-of.ts";
import { smallDigits } from "../trainer/proof/testing/small-digits.ts";

const page = join(import.meta.dirname, "../docs/proof-of-training.md");
const folder = mkdtempSync(join(tmpdir(), "matrixai-tables-"));
const training = await smallDigits(1, 2000);
const validation = await smallDigits(2, 2000);
const other = await smallDigits(3, 2000);
const device = await openDevice({ threads: 1 });

const honest = await honestTables(device);
const forged = await attackTable(device);
device.close();
rmSync(folder, { recursive: true });
const tables = { honest: honest.runs, margins: honest.margins, attacks: forged.rows };
const text = Object.entries(tables).reduce(
  (before, [name, rows]) => replaced(before, name, rows.join("\n")),
  readFileSync(page, "utf8"),
);
writeFileSync(page, text);
console.log(
  `${honest.count} honest runs, ${honest.rejected} rejected; ${attacks.length} forgeries, ${forged.accepted} accepted`,
);
process.exitCode = honest.rejected + forged.accepted === 0 ? 0 : 1;

async function honestTables(on: Device) {
  const runs = ["| model | optimiser, schedule, law | accuracy | rejected by |", "|---|---|---|---|"];
  const extremes = new Map<string, Finding & { readonly run: string }>();
  let rejected = 0;
  for (const [i, { family, setting, change }] of honestRuns.entries()) {
    const job = jobOf(family, training, validation, change);
    const target = new Package(join(folder, `honest-${i}`));
    await record(on, job, orderOf(i), target);
    const { verdict, curves } = await judged(on, job, target, i);
    const broken = brokenOf(verdict);
    if (broken.length > 0) rejected += 1;
    const [first, last] = [curves?.accuracy.at(0) ?? 0, curves?.accuracy.at(-1) ?? 0];
    runs.push(
      `| ${family} | ${setting} | ${percent(first)} to ${percent(last)} | ${broken.join(", ") || "-"} |`,
    );
    for (const { id, findings } of verdict.reports)
      for (const finding of findings)
        note(extremes, `${id} \0${finding.statistic}`, { ...finding, run: `${family}, ${setting}` });
    rmSync(target.folder, { recursive: true });
    console.log(runs.at(-1));
  }
  const margins = [
    "| rule or check | statistic | worst honest value | must be | in |",
    "|---|---|---|---|---|",
  ];
  for (const [key, f] of extremes) {
    const [id, statistic] = key.split(" \0");
    margins.push(
      `| ${id} | ${statistic} | ${figure(f.value)} | ${f.relation} ${figure(f.threshold)} | ${f.run} |`,
    );
  }
  return { runs, margins, rejected, count: honestRuns.length };
}

async function attackTable(on: Device) {
  const rows = ["| forgery | rules that reject it | checks that reject it |", "|---|---|---|"];
  const job = jobOf("mlp", training, validation);
  const foreign = new Package(join(folder, "foreign"));
  await record(on, job, orderOf(2), foreign);
  let accepted = 0;
  for (const [i, { name, run, acrossClasses }] of attacks.entries()) {
    const target = new Package(join(folder, `forged-${i}`));
    await run({ device: on, job, identity: orderOf(1), foreign, otherData: other.data, target });
    if (acrossClasses) await target.writeProof({ ...(await target.proof()), runtime: "another runtime" });
    const { verdict } = await judged(on, job, target, 1);
    const broken = brokenOf(verdict);
    if (verdict.passed) accepted += 1;
    const rules = broken.filter((id) => id.startsWith("rule")).map((id) => id.slice(4));
    const checks = broken.filter((id) => !id.startsWith("rule"));
    rows.push(`| ${name} | ${rules.join(", ") || "-"} | ${checks.join(", ") || "-"} |`);
    rmSync(target.folder, { recursive: true });
    console.log(rows.at(-1));
  }
  return { rows, accepted };
}

function judged(on: Device, job: Job, target: Package, order: number) {
  return inspect(on, job, target, {
    identity: orderOf(order),
    challenge: new Uint8Array(32).fill(order),
    everything: true,
  });
}

function brokenOf(verdict: Verdict): string[] {
  return verdict.reports.filter((r) => !r.passed).map((r) => r.id);
}

/** Keeps the finding that came nearest to its threshold, or went furthest beyond. */
function note(
  extremes: Map<string, Finding & { readonly run: string }>,
  key: string,
  found: Finding & { readonly run: string },
): void {
  const before = extremes.get(key);
  const room = (f: Finding) =>
    f.relation === "<=" || f.relation === "=" ? f.threshold - f.value : f.value - f.threshold;
  if (before === undefined || room(found) < room(before)) extremes.set(key, found);
}

function replaced(source: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}: written by npm run proof-tables -->`, `<!-- end of ${name} -->`];
  const [from, to] = [source.indexOf(begin), source.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table "${name}"`);
  return `${source.slice(0, from + begin.length)}\n\n${table}\n\n${source.slice(to)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
