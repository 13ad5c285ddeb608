/** Byte order, as Rust compares slices. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix);

/** `0x`-prefixed lower-case hex. */
export const toHex = (bytes: Uint8Array): `0x${string}` =>
  `0x${Buffer.prototype.hexSlice.call(bytes, 0, bytes.length)}`;

/** Bytes of a `0x`-prefixed hex string, or undefined for any other text. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^0x[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
