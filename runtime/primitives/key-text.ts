/**
 * Byte keys as strings, one character per byte, because JavaScript's maps compare arrays by identity.
 * Strings made here sort as the bytes do.
 */
export const keyText = (key: Uint8Array): string => texts.get(key) ?? latin1Slice.call(key, 0, key.length);

/** Keeps the text of a key that will be used often, as long as the key lives. Nobody may change it from here on. */
export function rememberText(key: Uint8Array): void {
  texts.set(key, keyText(key));
}

const texts = new WeakMap<Uint8Array, string>();

/** The bytes of a text made by `keyText`. */
export const textKey = (text: string): Uint8Array => {
  const key = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) key[i] = text.charCodeAt(i);
  return key;
};

// Works on any Uint8Array and is five times as fast as String.fromCharCode.
const { latin1Slice } = Buffer.prototype;
