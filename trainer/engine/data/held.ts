/** Samples that are used again and again, read once and held in memory for as long as their data set is in use. */

import { elementBytes, elements, type Tensor, type Tensors } from "../tensor.ts";
import { type Dataset, range } from "./dataset.ts";

const everyRow = new WeakMap<Dataset, readonly number[]>();
const held = new WeakMap<Dataset, WeakMap<readonly number[], Promise<Tensors>>>();

/** The numbers of all rows, always the same list for a data set. */
export function allRows(data: Dataset): readonly number[] {
  const known = everyRow.get(data) ?? range(0, data.rows);
  everyRow.set(data, known);
  return known;
}

/** The samples at `rows`: the same tensors whenever the same list is asked for. */
export function heldSamples(data: Dataset, rows: readonly number[]): Promise<Tensors> {
  const lists = held.get(data) ?? new WeakMap<readonly number[], Promise<Tensors>>();
  held.set(data, lists);
  const known = lists.get(rows) ?? data.read(rows);
  lists.set(rows, known);
  return known;
}

/** What one sample takes in memory. */
export const sampleBytes = (specs: readonly Pick<Tensor, "dtype" | "dims">[]): number =>
  specs.reduce((sum, { dtype, dims }) => sum + elements(dims) * elementBytes(dtype), 0);
