/** What inspectors measured of each forgery when `docs/attacks.md` was written. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../../pallets/proof-of-training/index.ts";
import type { Rule } from "./table.ts";

/** The first number that did not pass. */
export interface Figure {
  readonly rule: Rule;
  /** Which of the rule's statistics, from 0 on. */
  readonly number: number;
  readonly value: number;
  readonly relation: Finding["relation"];
  readonly threshold: number;
}

const file = join(import.meta.dirname, "figures.json");

export const figures = (): Record<string, Figure> => JSON.parse(readFileSync(file, "utf8"));

/** Writes a figure down where `MATRIXAI_WRITE_FIGURES` is set; values come in 10^-9. */
export function keepFigure(name: string, { rule, number, value, relation, threshold }: Finding): void {
  if (!process.env.MATRIXAI_WRITE_FIGURES) return;
  const real = (scaled: bigint) => Number((Number(scaled) / 1e9).toPrecision(3));
  const figure = { rule, number, value: real(value), relation, threshold: real(threshold) };
  writeFileSync(file, `${JSON.stringify({ ...figures(), [name]: figure }, undefined, 2)}\n`);
}
