/** The same job in the chain's words: what a buyer orders, from a manifest and its terms. */
import { statSync } from "node:fs";
import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import type { DataSource } from "../../engine/data/source.ts";
import { orderTerms } from "../../job/order-terms.ts";
import { canonicalJson, fromHex } from "../../proof/canonical.ts";
import { checkpointBytes, type Job } from "../../proof/job.ts";
import { checkpoints, type Manifest, manifestHash } from "../../proof/manifest.ts";
import { defaultThresholds } from "../../proof/thresholds.ts";
import type { TermFlags } from "./order-options.ts";

const mib = 2 ** 20;
/** For each inspector, where the buyer says nothing. */
const usualFee = 1_000_000_000_000n;
/** Beyond what any order costs; for asking the price before there is a limit. */
export const noLimit = 2n ** 127n;

/** What a training takes. */
export interface JobCost {
  /** Of one step, by the canonical counter. */
  readonly flopPerStep: bigint;
  /** Of model, data and checkpoints, in MiB. */
  readonly disk: number;
}

/** Counts a job whose model has so many bytes, and whose data lies in these files. */
export function costOf(job: Job, modelBytes: number, data: readonly DataSource[]): JobCost {
  const files = data.flatMap((source) => [
    source.path,
    ...("targetsPath" in source && source.targetsPath !== undefined ? [source.targetsPath] : []),
  ]);
  const dataBytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  const kept = (checkpoints(job.manifest) + 1) * checkpointBytes(job);
  return { flopPerStep: job.train.flopPerStep, disk: Math.ceil((modelBytes + dataBytes + kept) / mib) };
}

/** The order for a manifest that lies at `uri`. */
export function orderSpecOf(manifest: Manifest, uri: string, cost: JobCost, flags: TermFlags): OrderSpec {
  const { inspectors } = flags;
  const recipient = manifest.results?.recipient;
  const { thresholds, ...terms } = orderTerms(manifest, cost.flopPerStep);
  return {
    ...terms,
    machine: flags.open ? undefined : flags.machine,
    manifest: fromHex(manifestHash(manifest)),
    manifest_uri: textBytes(uri),
    disk: cost.disk,
    price_limit: flags.priceLimit ?? noLimit,
    inspectors,
    inspection_fee: flags.inspectionFee ?? usualFee * BigInt(inspectors),
    accept_within: flags.acceptWithin,
    train_within: flags.trainWithin,
    // The chain knows the usual ones.
    thresholds: areUsual(manifest.thresholds) ? undefined : thresholds,
    continues: flags.continues,
    recipient: recipient && fromHex(recipient),
  };
}

const areUsual = (thresholds: Manifest["thresholds"]): boolean =>
  Buffer.compare(canonicalJson(thresholds), canonicalJson(defaultThresholds)) === 0;
