import type { SignatureItem } from "./types.ts";

/** The wire between the node and its workers: one buffer to hand over instead of hundreds of arrays to copy. */
const schemes = ["Ed25519", "Sr25519", "Ecdsa"] as const;
const u32 = 4;

/** Per item: scheme, then signature, message and signer, each behind its length (u32, little-endian). */
export function packBatch(items: readonly SignatureItem[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { signature, message, signer } of items) {
    size += 1 + 3 * u32 + signature.value.length + message.length + signer.length;
  }
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { signature, message, signer } of items) {
    out[at++] = schemes.indexOf(signature.type);
    for (const part of [signature.value, message, signer]) {
      view.setUint32(at, part.length, true);
      out.set(part, at + u32);
      at += u32 + part.length;
    }
  }
  return out;
}

export function unpackBatch(packed: Uint8Array): SignatureItem[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const items: SignatureItem[] = [];
  let at = 0;
  const part = () => {
    const start = at + u32;
    at = start + view.getUint32(at, true);
    return packed.subarray(start, at);
  };
  while (at < packed.length) {
    const type = schemes[packed[at++]!]!;
    items.push({ signature: { type, value: part() }, message: part(), signer: part() });
  }
  return items;
}
