/** JSON with exact integers: balances pass 2^53, where plain JSON numbers lose digits. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Parses JSON; integers that a double cannot hold become `bigint`. Throws a SyntaxError on bad text. */
export function parseJson(text: string): Json {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source;
    const isLarge = typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined;
    return isLarge && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as Json;
}

/** Writes JSON, indented by two spaces, with every digit of a `bigint`. */
export function printJson(value: Json): string {
  const exact = (_key: string, v: unknown): unknown => (typeof v === "bigint" ? rawJson(v.toString()) : v);
  return `${JSON.stringify(value, exact, 2)}\n`;
}

// ECMAScript's proposal for JSON source text, which the type library does not know yet.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
