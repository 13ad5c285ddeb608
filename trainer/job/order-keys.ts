/** Keys of an order on their way over the chain: each sealed to one recipient, for one purpose. */
import type { KeyPurpose } from "../../pallets/marketplace/index.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { isEnvelopeOf, openEnvelope, sealEnvelope } from "../storage/envelope.ts";
import { keysOfSecret, type SealKeys } from "../storage/sealed.ts";

/** What a key is for. */
export interface KeyUse {
  readonly order: number;
  readonly purpose: KeyPurpose;
}

/** What `release_key` takes: a pair's secret half for a recipient. @throws StorageError `BadSeal` for a recipient's key that is none. */
export const sealOrderKey = (use: KeyUse, keys: SealKeys, recipient: Uint8Array): Uint8Array =>
  sealEnvelope(keys.secretKey, recipient, contextOf(use));

/** The pair that was released. @throws StorageError `BadSeal` where the envelope holds nothing for these keys. */
export const openOrderKey = (use: KeyUse, envelope: Uint8Array, own: SealKeys): SealKeys =>
  keysOfSecret(openEnvelope(envelope, own, contextOf(use)));

/** Whether somebody else was given this very pair: whoever has it can tell. */
export const isOrderKey = (
  use: KeyUse,
  envelope: Uint8Array,
  keys: SealKeys,
  recipient: Uint8Array,
): boolean => isEnvelopeOf(envelope, keys.secretKey, recipient, contextOf(use));

/** "order-key" || u64_le(order) || purpose. */
const contextOf = ({ order, purpose }: KeyUse): Uint8Array =>
  concatBytes(prefix, encode(u64, BigInt(order)), textBytes(purpose));

const prefix = textBytes("order-key");
