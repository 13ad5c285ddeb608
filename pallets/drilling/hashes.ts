/** What members and projects commit to. All hashes are BLAKE2b-256; numbers are u32, little-endian. */
import type { AccountId } from "../../runtime/primitives/account.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";

/** One unit of a task. */
export interface UnitKey {
  readonly task: number;
  readonly unit: number;
}

/** `H("pod" || task || unit || trainer || result || salt)`: bound to its maker, so that a copy opens nothing. */
export const commitmentOf = (
  { task, unit }: UnitKey,
  trainer: AccountId,
  result: Uint8Array,
  salt: Uint8Array,
): Uint8Array => blake2_256(concatBytes(textBytes("pod"), number(task), number(unit), trainer, result, salt));

/** `H("canary" || project || unit || result || salt)`: made before the task has a number. */
export const canaryOf = (project: number, unit: number, result: Uint8Array, salt: Uint8Array): Uint8Array =>
  blake2_256(concatBytes(textBytes("canary"), number(project), number(unit), result, salt));

/** `H(fault || task || unit || trainer || facts)`: names a fault of a member in `TrainerStaking.Slashed`. */
export const evidenceOf = (
  fault: string,
  { task, unit }: UnitKey,
  trainer: AccountId,
  ...facts: readonly Uint8Array[]
): Uint8Array => blake2_256(concatBytes(textBytes(fault), number(task), number(unit), trainer, ...facts));

const number = (value: number): Uint8Array => encode(u32, value);
