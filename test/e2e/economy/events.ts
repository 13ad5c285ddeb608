import type { EventRecord } from "@polkadot/types/interfaces";

/** What JSON can say; the client tells large numbers in hexadecimal. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An event as a reader has it who knows the metadata and nothing else. */
export interface ChainEvent {
  /** `Pallet.Event`. */
  readonly name: string;
  readonly block: number;
  /** In hexadecimal. */
  readonly topics: readonly string[];
  readonly fields: Readonly<Record<string, Json>>;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function readEvent({ event, topics }: EventRecord, block: number): ChainEvent {
  const { section, method, data } = event;
  const names = data.names ?? [];
  const fields = Object.fromEntries(data.map((value, i) => [names[i] ?? String(i), value.toJSON() as Json]));
  const name = `${upper(section)}.${method}`;
  return { name, block, topics: topics.map((topic) => topic.toHex()), fields };
}

/** A number of an event. */
export function numberIn({ name, fields }: ChainEvent, field: string): bigint {
  const value = fields[field];
  if (typeof value !== "number" && typeof value !== "string") {
    throw new Error(`${name} has no number ${field}, only ${Object.keys(fields).join(", ")}`);
  }
  return BigInt(value);
}

/** A text, an address or the hexadecimal form of bytes in an event. */
export function textIn({ name, fields }: ChainEvent, field: string): string {
  const value = fields[field];
  if (typeof value !== "string") throw new Error(`${name} has no text ${field}`);
  return value;
}

/** A list of texts. */
export const textsIn = ({ fields }: ChainEvent, field: string): readonly string[] =>
  fields[field] as readonly string[];
