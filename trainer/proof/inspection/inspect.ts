/**
 * The inspection of a proof: identity and links, the start, the six rules, committed losses, re-execution, and what
 * work was done. Reads the package, trusts none of it, and says what it found as numbers.
 */
import { DataError } from "../../engine/data/errors.ts";
import type { Device } from "../../engine/device/device.ts";
import { DeviceError } from "../../engine/device/errors.ts";
import { DivergedError } from "../../engine/train-loop.ts";
import { type Hash, toHex } from "../canonical.ts";
import type { Identity } from "../identity.ts";
import type { Job } from "../job.ts";
import type { Package } from "../package.ts";
import type { ChainCurves } from "../plot.ts";
import { atLeast, failed, type Report, report } from "../rules/report.ts";
import { type Evidence, type EvidenceOptions, openEvidence } from "./evidence.ts";
import { identityCheck } from "./identity-check.ts";
import { lossCheck } from "./loss-check.ts";
import { reExecutionCheck } from "./re-execution.ts";
import { type RuleResults, ruleChecks } from "./rule-checks.ts";
import { startCheck } from "./start-check.ts";

/** What an inspector says about a proof. */
export interface Verdict {
  readonly version: 1;
  readonly passed: boolean;
  readonly identity: Identity;
  readonly manifest: Hash;
  readonly challenge: Hash;
  /** Hash equality within one class, tolerances across classes. */
  readonly comparison: "exact" | "tolerant";
  /** In order; after the first that failed the others are missing, unless all were asked for. */
  readonly reports: readonly Report[];
  /** The last checkpoint that was proved, where the training was left before its end. */
  readonly until?: number;
  /** FLOP of what was proved by the canonical counter, decimal. */
  readonly flop: string;
}

export interface InspectOptions extends EvidenceOptions {
  /** Goes on after a failure, to see what else fails. */
  readonly everything?: boolean;
  /** Told the check that begins and how many were done before. */
  readonly onProgress?: (check: string, done: number) => void;
}

/** Checks of a whole inspection, the opening of the package included. */
export const checksOfInspection = 7;

export interface Inspection {
  readonly verdict: Verdict;
  /** For a picture of the chain; absent where the rules could not be computed. */
  readonly curves?: ChainCurves;
}

/** Inspects a package. Throws a DeviceError or the signal's reason when the inspector itself cannot go on. */
export async function inspect(
  device: Device,
  job: Job,
  pkg: Package,
  options: InspectOptions,
): Promise<Inspection> {
  const reports: Report[] = [];
  let rules: RuleResults | undefined;
  let evidence: Evidence | undefined;
  let done = 0;
  const step = async (id: string, title: string, check: () => Promise<readonly Report[]>): Promise<void> => {
    if (!options.everything && reports.some((r) => !r.passed)) return;
    options.onProgress?.(title, done++);
    try {
      reports.push(...(await check()));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isEvidence(error)) throw error;
      reports.push(failed(id, title, error.message));
    }
  };
  await step("package", "the package can be read", async () => {
    evidence = await openEvidence(device, job, pkg, options);
    return [];
  });
  if (evidence !== undefined) {
    const e: Evidence = evidence;
    await step("identity", "identity and links", async () => [await identityCheck(e)]);
    await step("start", "the start", async () => [await startCheck(e)]);
    await step("rules", "the six rules", async () => {
      const isSeeds = reports.some(({ id, passed }) => id === "start" && passed);
      rules = await ruleChecks(e, isSeeds);
      return rules.reports;
    });
    await step("losses", "the committed losses", async () => [await lossCheck(e)]);
    await step("re-execution", "re-execution", async () => [await reExecutionCheck(e)]);
  }
  const work = job.train.flopPerStep * BigInt(evidence?.timeline.steps ?? 0);
  await step("work", "the work", async () => [
    report("work", "the work was counted", [atLeast("FLOP of the job", Number(work), 1)]),
  ]);
  const verdict: Verdict = {
    version: 1,
    passed: reports.every((r) => r.passed),
    identity: options.identity,
    manifest: evidence?.proof.manifest ?? toHex(new Uint8Array(32)),
    challenge: toHex(options.challenge),
    comparison: evidence?.exact ? "exact" : "tolerant",
    reports,
    ...(evidence?.unfinished ? { until: evidence.timeline.checkpoints } : {}),
    flop: String(work),
  };
  return rules === undefined || evidence === undefined
    ? { verdict }
    : { verdict, curves: curvesOf(evidence, rules, reports) };
}

/** Failures that speak against the proof; others speak against this machine. */
const isEvidence = (error: unknown): error is Error =>
  error instanceof DataError ||
  error instanceof DivergedError ||
  (error instanceof DeviceError && error.code === "Refused");

function curvesOf(e: Evidence, rules: RuleResults, reports: readonly Report[]): ChainCurves {
  return {
    steps: e.proof.links.map((l) => l.step),
    loss: e.proof.links.map((l) => l.loss),
    accuracy: rules.accuracy,
    distance: rules.distance,
    movement: rules.movement,
    checks: reports.map((r) => ({ name: `${r.id}: ${r.title}`, passed: r.passed })),
  };
}
