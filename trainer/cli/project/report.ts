/** What is told of every unit: one JSON line each, in the order of units, and labels file by file. */
import { elements, type Tensor, type Tensors } from "../../engine/tensor.ts";
import { addressOf } from "../chain/account.ts";
import type { UnitHistory } from "./history.ts";
import type { Fetched } from "./result-files.ts";

/** Larger results are left to their files. */
const shownNumbers = 1024;

/** A line of `results.jsonl`. */
interface UnitLine {
  readonly unit: number;
  /** What it was made of, where it was published from this machine. */
  readonly files?: readonly string[];
  readonly result?: string;
  /** How it was agreed on, by whom, in which round, and where that is told. */
  readonly basis?: string;
  readonly round?: number;
  readonly trainers?: readonly string[];
  readonly work?: string;
  readonly block?: number;
  readonly extrinsic?: number;
  /** Whether it was what the project itself had found. */
  readonly canary?: boolean;
  /** Whose copy it is, and where it lies here. */
  readonly from?: string;
  readonly path?: string;
  /** By output: whole numbers, those beyond 2^53 as text. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Why there is nothing. */
  readonly failed?: string;
}

const closings: Readonly<Record<string, string>> = {
  NoTruth: "its members found different results in every round",
  NobodyAsked: "too few trainers asked for work while it waited",
};

/** Whatever is known of a unit. `isOver`: of the task, so that what was not given out never will be. */
export function lineOf(
  unit: number,
  history: UnitHistory | undefined,
  fetched: Fetched | undefined,
  { files, isOver }: { readonly files: readonly string[] | undefined; readonly isOver: boolean },
): UnitLine {
  const own = { unit, ...(files && { files }) };
  if (history?.agreed === undefined || fetched === undefined) {
    const open = history === undefined ? "it was given to nobody" : "its members have not come to a result";
    const why = history?.closed ? (closings[history.closed] ?? history.closed) : open;
    return { ...own, failed: isOver || history?.closed ? why : `${why} yet` };
  }
  const { result, basis, round, trainers, work, block, extrinsic } = history.agreed;
  return {
    ...own,
    result: `0x${Buffer.from(result).toString("hex")}`,
    basis,
    round,
    trainers: trainers.map(addressOf),
    work: work.toString(),
    block,
    ...(extrinsic !== undefined && { extrinsic }),
    ...(history.canary !== undefined && { canary: history.canary }),
    ...("missing" in fetched
      ? { failed: `its result could not be fetched: ${fetched.missing}` }
      : { from: fetched.from, path: fetched.path, values: numbersOf(fetched.tensors) }),
  };
}

/** Tensors that are short enough to be read, as lists of numbers. */
export function numbersOf(tensors: Tensors): Record<string, unknown> {
  const small = Object.entries(tensors).filter(([, { data }]) => data.length <= shownNumbers);
  return Object.fromEntries(small.map(([name, value]) => [name, nested(value, value.dims)]));
}

/** A tensor as lists in lists. */
function nested({ data }: Tensor, dims: readonly number[], from = 0): unknown {
  const [first, ...rest] = dims;
  if (first === undefined) {
    const [value, number] = [data[from], Number(data[from])];
    return typeof value === "bigint" && !Number.isSafeInteger(number) ? value.toString() : number;
  }
  const step = elements(rest);
  return Array.from({ length: first }, (_, i) => nested({ data } as Tensor, rest, from + i * step));
}

/** `file,label` for every image, where each unit has one number for each of its images. */
export function labelLines(files: readonly string[], tensors: Tensors): string[] | undefined {
  const [only, second] = Object.values(tensors);
  if (only === undefined || second !== undefined || only.dims.length !== 1 || only.data.length < files.length)
    return undefined;
  return files.map((file, i) => `${quoted(file)},${only.data[i]}`);
}

/** As RFC 4180 has it. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
