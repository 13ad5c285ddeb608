/**
 * Whether bytes are a JSON object in UTF-8, which is all that the chain asks of what a machine says of itself. The text
 * is kept as it came: no number in it is ever a number here, so none of them can make two nodes differ.
 */
export function isJsonObject(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
