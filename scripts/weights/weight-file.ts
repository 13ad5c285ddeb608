/**
 * The numbers in a pallet's `weights.ts`, read and replaced where they stand, so that the file stays the one place
 * that says what something weighs. A weight is one statement: `withDb(weight(time, size), reads, writes)`, and, where
 * it has a part for each item, `mulWeight(` or `times(` before the part's numbers.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** Time in ps of the reference machine, bytes of a proof, entries of the state read and written. */
export interface Figures {
  readonly time: bigint;
  readonly size: bigint;
  readonly reads: bigint;
  readonly writes: bigint;
}

export type Part = "base" | "perItem";

const number = /\s*([\d_]+)n\s*,?\s*/.source;
// A size may be given by a name; that counts as none, since nothing but the block's limit depends on it.
const size = /(?:\s*(?:([\d_]+)n|\w+)\s*,?\s*)?/.source;
const bare = new RegExp(`weight\\(${number}${size}\\)`);
const withDb = new RegExp(`withDb\\(\\s*${bare.source},${number}${number}\\)`);

/** Before the part for each item. */
const perItem = /\b(?:mulWeight|times)\(/;

/** A pallet's file of weights, changed in memory until it is saved. */
export function openWeights(path: string) {
  let text = readFileSync(path, "utf8");
  const find = (name: string, part: Part) => {
    const statement = statementOf(text, path, name);
    const from = statement.index + (part === "base" ? 0 : statement[0].search(perItem));
    const rest = text.slice(from, statement.index + statement[0].length);
    const full = withDb.exec(rest);
    const short = bare.exec(rest);
    const found = full && (!short || full.index < short.index) ? full : short;
    if (!found) throw new Error(`${path}: the weight ${name} is not written as numbers`);
    return { at: from + found.index, found };
  };
  return {
    /** Whether the weight has a part for each item besides its base. */
    isLinear: (name: string): boolean => perItem.test(statementOf(text, path, name)[0]),
    /** What the file says now. */
    read(name: string, part: Part): Figures {
      const [, time, size, reads, writes] = find(name, part).found;
      const value = (digits: string | undefined) => BigInt((digits ?? "0").replaceAll("_", ""));
      return { time: value(time), size: value(size), reads: value(reads), writes: value(writes) };
    },
    write(name: string, part: Part, figures: Figures): void {
      const { at, found } = find(name, part);
      text = text.slice(0, at) + written(figures) + text.slice(at + found[0].length);
    },
    save: (): void => writeFileSync(path, text),
  };
}

function statementOf(text: string, path: string, name: string): RegExpExecArray {
  const found = new RegExp(`(?:export )?const ${name}\\b[^;]*;`).exec(text);
  if (!found) throw new Error(`${path} has no weight ${name}`);
  return found;
}

function written({ time, size, reads, writes }: Figures): string {
  const digits = (value: bigint) => `${value.toString().replace(/\B(?=(\d{3})+$)/g, "_")}n`;
  const bareText = size === 0n ? `weight(${digits(time)})` : `weight(${digits(time)}, ${digits(size)})`;
  return reads + writes === 0n ? bareText : `withDb(${bareText}, ${reads}n, ${writes}n)`;
}
