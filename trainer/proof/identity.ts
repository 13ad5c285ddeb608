import { z } from "zod";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { fromHex, type Hash, isHash } from "./canonical.ts";

/** Whose work a proof is: the order, the trainer's account, and the block randomness when the order was accepted. */
export const identitySchema = z.strictObject({
  order: z.int().min(0),
  trainer: z.custom<Hash>(isHash, "must be 0x and 64 hexadecimal digits"),
  randomness: z.custom<Hash>(isHash, "must be 0x and 64 hexadecimal digits"),
});
export type Identity = z.infer<typeof identitySchema>;

/** H("pot-init" || u64_le(order) || trainer || randomness): the seed of the start, the batch order and the sampling. */
export const jobSeed = (identity: Identity): Uint8Array =>
  blake2b256(Buffer.from("pot-init"), ...identityParts(identity));

/** What link 0 is built on: H("pot-link" || u64_le(order) || trainer || randomness || manifest hash). */
export const linkBase = (identity: Identity, manifest: Hash): Uint8Array =>
  blake2b256(Buffer.from("pot-link"), ...identityParts(identity), fromHex(manifest));

const identityParts = (identity: Identity): Uint8Array[] => [
  u64(identity.order),
  fromHex(identity.trainer),
  fromHex(identity.randomness),
];

/** Eight little-endian bytes of a natural number. */
export function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return new Uint8Array(bytes);
}
