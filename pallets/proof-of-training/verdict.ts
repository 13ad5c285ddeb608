/** What an inspector says of a proof, and how it commits to it before anybody else has spoken. */
import { type AccountId, hash } from "../../runtime/primitives/account.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode, type Value } from "../../runtime/primitives/codec.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, i128, u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";

/** The checks of an inspection, in their order; `Package` is that it can be read at all. */
export const rules = [
  "Package",
  "Identity",
  "Start",
  "Rule1",
  "Rule2",
  "Rule3",
  "Rule4",
  "Rule5",
  "Rule6",
  "Losses",
  "ReExecution",
  "Work",
] as const;
export const rule = unitEnum("pallet_proof_of_training::Rule", rules);

/** How a value and its threshold must stand to each other. */
export const relation = unitEnum("pallet_proof_of_training::Relation", [
  "AtMost",
  "AtLeast",
  "Above",
  "Equal",
]);

/** One number of a verdict. Values and thresholds count in 10^-9; what does not fit is the largest that does. */
export const finding = struct("pallet_proof_of_training::Finding", {
  rule,
  /** Which of the rule's statistics, from 0 on. */
  number: u8,
  value: i128,
  relation,
  threshold: i128,
  passed: bool,
});
export type Finding = Value<typeof finding>;

/** What the buyer answers for. */
export const faults = [
  "Unreachable",
  "HashMismatch",
  "BadManifest",
  "BadModel",
  "BadData",
  "KeyWithheld",
] as const;
export const fault = unitEnum("pallet_proof_of_training::Fault", faults);

/** The proof is good; it is not, or a claimed fault is none; the buyer's part is at fault, so that nobody can tell. */
export const ruling = unitEnum("pallet_proof_of_training::Ruling", ["Accepted", "Rejected", "Faulted"]);
export type Ruling = Value<typeof ruling>;

export const maxFindings = 48;

export const verdict = struct("pallet_proof_of_training::Verdict", {
  ruling,
  findings: boundedVec(finding, maxFindings),
  /** With `Faulted`: whose fault it is that nobody can tell. */
  fault: option(fault),
  /** Of the training that was proved, by the canonical counter. */
  flop: u128,
  /** Of the last checkpoint on the validation data, in 10^-9. */
  accuracy: option(u32),
  /** BLAKE2b-256 of the full report. */
  report: hash,
});
export type Verdict = Value<typeof verdict>;

const prefix = textBytes("pot-verdict");

/** H("pot-verdict" || u64_le(order) || inspector || H(verdict) || salt): nobody else's copy of it can be opened. */
export const verdictCommitment = (
  order: number,
  inspector: AccountId,
  said: Verdict,
  salt: Uint8Array,
): Uint8Array =>
  blake2_256(concatBytes(prefix, encode(u64, BigInt(order)), inspector, verdictHash(said), salt));

export const verdictHash = (said: Verdict): Uint8Array => blake2_256(encode(verdict, said));

/** Whether what is said of each number is true of it. */
export function holds({ value, relation, threshold }: Finding): boolean {
  switch (relation) {
    case "AtMost":
      return value <= threshold;
    case "AtLeast":
      return value >= threshold;
    case "Above":
      return value > threshold;
    case "Equal":
      return value === threshold;
  }
}

/** The middle of some counts, the lower one of two; there is at least one. */
export function median(counts: readonly bigint[]): bigint {
  const sorted = counts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
