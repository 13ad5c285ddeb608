/** The same job in the chain's words: what a buyer orders, from a manifest and its terms. */
import { statSync } from "node:fs";
import type { OrderSpec } from "../../pallets/marketplace/index.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import type { DataSource } from "../engine/data/source.ts";
import { orderTerms } from "../job/order-terms.ts";
import { canonicalJson, fromHex } from "../proof/canonical.ts";
import { checkpointBytes, type Job } from "../proof/job.ts";
import { checkpoints, type Manifest, manifestHash } from "../proof/manifest.ts";
import { defaultThresholds } from "../proof/thresholds.ts";

/** On what terms an order is placed, besides what the job says. Amounts in the smallest unit of the token. */
export interface BuyerTerms {
  /** The machine that is to do it, by its 16 bytes; absent, the cheapest that can. */
  readonly machine?: Uint8Array;
  /** Open to bids, whoever is on offer. */
  readonly open?: boolean;
  /** The most that the training may cost. */
  readonly priceLimit?: bigint;
  /** How many judge the proof; odd. */
  readonly inspectors: number;
  /** What they share. */
  readonly inspectionFee?: bigint;
  /** Blocks in which a trainer must be found, and in which it must train and prove. */
  readonly acceptWithin: number;
  readonly trainWithin: number;
  /** The earlier order whose last checkpoint the training begins with. */
  readonly continues?: number;
}

/** What holds where a buyer says nothing else. */
export const usualTerms = {
  inspectors: 3,
  acceptWithin: 100,
  trainWithin: 600,
} as const satisfies BuyerTerms;

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
export function orderSpecOf(manifest: Manifest, uri: string, cost: JobCost, terms: BuyerTerms): OrderSpec {
  const { inspectors } = terms;
  const { thresholds, ...figures } = orderTerms(manifest, cost.flopPerStep);
  return {
    ...figures,
    machine: terms.open ? undefined : terms.machine,
    manifest: fromHex(manifestHash(manifest)),
    manifest_uri: textBytes(uri),
    disk: cost.disk,
    price_limit: terms.priceLimit ?? noLimit,
    inspectors,
    inspection_fee: terms.inspectionFee ?? usualFee * BigInt(inspectors),
    accept_within: terms.acceptWithin,
    train_within: terms.trainWithin,
    // The chain knows the usual ones.
    thresholds: areUsual(manifest.thresholds) ? undefined : thresholds,
    continues: terms.continues,
  };
}

const areUsual = (thresholds: Manifest["thresholds"]): boolean =>
  Buffer.compare(canonicalJson(thresholds), canonicalJson(defaultThresholds)) === 0;
