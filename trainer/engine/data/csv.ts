/**
 * CSV (RFC 4180) with a header line. One pass notes where each record begins (8 bytes of memory per record); after
 * that any row is read from its place in the file, so the file may be larger than memory.
 */
import { createReadStream } from "node:fs";
import { type CsvError, parse } from "csv-parse";
import { parse as parseNow } from "csv-parse/sync";
import { elementBytes, type Tensor, tensorFromBytes } from "../tensor.ts";
import { type Column, type OpenFile, openFile, runsOf } from "./column.ts";
import { DataError } from "./errors.ts";

/** What to take from a CSV file. */
export interface CsvColumnOptions {
  /** Names in the header line, or all but one; a list gives samples of shape [columns], a single name scalars. */
  readonly columns: readonly string[] | string | { readonly allBut: string };
  readonly dtype: "float32" | "float64" | "int64" | "int32";
  /** When given, the cells are these words and the values their positions. */
  readonly classes?: readonly string[];
}

const maxRecordBytes = 16 * 2 ** 20;
/** Rows that are parsed at a time. */
const maxRunRows = 1024;
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const integer = /^[+-]?\d+$/;

/** Opens chosen columns of a CSV file as one column of samples. Every record must have as many cells as the header. */
export async function openCsv(path: string, options: CsvColumnOptions): Promise<Column> {
  const file = openFile(path);
  try {
    const { header, starts } = await scan(path, file);
    const names = namesOf(options.columns, header);
    const places = names.map((name) => {
      const place = header.indexOf(name);
      if (place < 0)
        throw new DataError(
          "Missing",
          path,
          `has no column "${name}"; it has ${header.map((h) => `"${h}"`).join(", ")}`,
        );
      if (header.lastIndexOf(name) !== place)
        throw new DataError("BadHeader", path, `has two columns "${name}"`);
      return place;
    });
    return csvColumn(path, file, starts, places, names, options);
  } catch (error) {
    file.close();
    throw error;
  }
}

function namesOf(columns: CsvColumnOptions["columns"], header: readonly string[]): readonly string[] {
  if (typeof columns === "string") return [columns];
  return "allBut" in columns ? header.filter((name) => name !== columns.allBut) : columns;
}

function csvColumn(
  path: string,
  file: OpenFile,
  starts: readonly number[],
  places: readonly number[],
  names: readonly string[],
  options: CsvColumnOptions,
): Column {
  const rows = starts.length - 1;
  const dims = typeof options.columns === "string" ? [] : [places.length];
  return {
    dtype: options.dtype,
    dims,
    rows,
    async read(indices) {
      const out = new Uint8Array(indices.length * places.length * elementBytes(options.dtype));
      const view = new DataView(out.buffer);
      for (const { at, first, count } of runsOf(path, indices, rows, maxRunRows)) {
        const [start, end] = [starts[first] as number, starts[first + count] as number];
        records(path, file.read(start, end - start), count).forEach((cells, r) => {
          places.forEach((place, p) => {
            const where = () => `row ${first + r + 1}, column "${names[p]}"`;
            writeCell(view, (at + r) * places.length + p, (cells[place] ?? "").trim(), options, where, path);
          });
        });
      }
      return tensorFromBytes(options.dtype, [indices.length, ...dims], out) as Tensor;
    },
    close: () => file.close(),
  };
}

function records(path: string, bytes: Buffer, count: number): string[][] {
  const parsed = parseNow(bytes, { relax_column_count: false }) as string[][];
  if (parsed.length !== count) throw new DataError("Unreadable", path, "has changed since it was opened");
  return parsed;
}

function writeCell(
  view: DataView,
  at: number,
  cell: string,
  { dtype, classes }: CsvColumnOptions,
  where: () => string,
  path: string,
): void {
  const bad = (problem: string) =>
    new DataError("BadValue", path, `${where()}: "${cell.slice(0, 40)}" ${problem}`);
  let text = cell;
  if (classes !== undefined) {
    const index = classes.indexOf(cell);
    if (index < 0) throw bad(`is none of the classes ${classes.slice(0, 10).join(", ")}`);
    text = String(index);
  }
  const pattern = dtype === "int32" || dtype === "int64" ? integer : number;
  if (!pattern.test(text)) throw bad(`is no ${dtype}`);
  switch (dtype) {
    case "float32":
    case "float64": {
      const value = dtype === "float32" ? Math.fround(Number(text)) : Number(text);
      if (!Number.isFinite(value)) throw bad(`is out of the range of ${dtype}`);
      if (dtype === "float32") view.setFloat32(at * 4, value, true);
      else view.setFloat64(at * 8, value, true);
      return;
    }
    case "int32": {
      const value = Number(text);
      if (value !== (value | 0)) throw bad("is out of the range of int32");
      view.setInt32(at * 4, value, true);
      return;
    }
    case "int64": {
      const value = BigInt(text.replace(/^\+/, ""));
      if (value !== BigInt.asIntN(64, value)) throw bad("is out of the range of int64");
      view.setBigInt64(at * 8, value, true);
      return;
    }
  }
}

/** The header's cells, and where each record begins, with the end of the last one after them. */
async function scan(path: string, file: OpenFile): Promise<{ header: string[]; starts: number[] }> {
  const starts: number[] = [];
  let header: string[] | undefined;
  const parser = createReadStream(path).pipe(
    parse({ bom: true, info: true, max_record_size: maxRecordBytes, skip_empty_lines: false }),
  );
  try {
    for await (const { record: cells, info } of parser as AsyncIterable<{
      record: string[];
      info: { bytes: number };
    }>) {
      header ??= cells;
      starts.push(info.bytes);
    }
  } catch (error) {
    throw new DataError("BadValue", path, (error as CsvError).message);
  }
  if (header === undefined) throw new DataError("BadHeader", path, "is empty: a header line is needed");
  starts[starts.length - 1] = file.size;
  return { header, starts };
}
