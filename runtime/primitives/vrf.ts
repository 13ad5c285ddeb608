/**
 * The verifiable random function of the block lottery: sr25519's, as in schnorrkel (Micali, Rabin, Vadhan, "Verifiable
 * random functions", 1999). A key has exactly one output for an input, everybody can check it, and before it is
 * shown nobody but its owner knows it.
 */
import { vrfVerify, waitReady } from "@polkadot/wasm-crypto";
import { concatBytes, textBytes } from "./bytes.ts";
import { encode } from "./codec.ts";
import { u64 } from "./codec-number.ts";
import { blake2_256 } from "./hashing.ts";

await waitReady();

/** Separates these outputs from all others that the same key may ever give. */
export const vrfContext: Uint8Array = textBytes("MatrixAI proof of hashrate");

/** Bytes of an output, which are those of a point, and of the proof that it is the key's. */
export const vrfOutputLength = 32;
export const vrfProofLength = 64;

/** What a slot is drawn with; an epoch's randomness is known before it begins. */
export interface SlotSeed {
  /** 32 bytes. */
  readonly randomness: Uint8Array;
  readonly slot: bigint;
  readonly epoch: bigint;
}

/** The function's input for a slot: randomness, slot and epoch, 48 bytes. */
export const vrfInput = ({ randomness, slot, epoch }: SlotSeed): Uint8Array =>
  concatBytes(randomness, encode(u64, slot), encode(u64, epoch));

/** Whether an output is that of an sr25519 key for an input. Whatever is malformed is not. */
export function verifyVrf(
  key: Uint8Array,
  input: Uint8Array,
  { output, proof }: { readonly output: Uint8Array; readonly proof: Uint8Array },
): boolean {
  if (key.length !== 32 || output.length !== vrfOutputLength || proof.length !== vrfProofLength) return false;
  try {
    return vrfVerify(key, vrfContext, input, noExtra, concatBytes(output, proof));
  } catch {
    return false;
  }
}

/** What an output draws in the lottery for primary blocks: a number below 2^128. */
export function lotteryNumber(input: Uint8Array, output: Uint8Array): bigint {
  const hash = blake2_256(concatBytes(lotteryLabel, input, output));
  return hash.subarray(0, 16).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** What the secondary author of a slot is drawn by; known to all. */
export const secondarySeed = (seed: SlotSeed): Uint8Array =>
  blake2_256(concatBytes(secondaryLabel, vrfInput(seed)));

const noExtra = new Uint8Array(0);
const lotteryLabel = textBytes("poh-primary");
const secondaryLabel = textBytes("poh-secondary");
